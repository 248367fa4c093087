package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.HostileServer.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.management.LogLines;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A defect in one task takes nothing from the other tasks of the session. */
class LoginSessionFaultsTest {

  private static final ResourceID ORDERS = new ResourceID("orders", "shop");
  private static final String PASSWORD = "the-secret";
  private static final byte[] NOTICE = message('N', "SNOTICE\0Mhello\0\0");

  @Test
  void keepsFindingsOfOtherTasksAndLogsTheFaultOnce() throws Exception {
    try (HostileServer server = new HostileServer(PASSWORD, NOTICE, Duration.ofMillis(50));
        LogLines lines = new LogLines(LoginSession.class)) {
      // When
      LoginResult first = run(server, new Pending());
      LoginResult second = run(server, first);

      // Then
      assertThat(first).isInstanceOf(LoggedIn.class);
      assertThat(first.findings().get(WorkingTask.BEFORE)).contains(true);
      assertThat(first.findings().get(WorkingTask.AFTER)).contains(true);
      assertThat(first.findings().get(FaultyTask.NOTHING)).isEmpty();
      assertThat(second).isEqualTo(first);
      assertThat(lines.about(ORDERS))
          .singleElement()
          .asString()
          .contains("Integer", "failed unexpectedly");
    }
  }

  private static LoginResult run(HostileServer server, LoginResult previous) {
    LoginRequest request =
        new LoginRequest(
            "containerd://1",
            server.host(),
            server.port(),
            Optional.empty(),
            "app",
            new Role("app", PASSWORD),
            new Role("pgi_operator", PASSWORD),
            LoginRepair.NONE,
            List.of(
                new WorkingTask(WorkingTask.BEFORE),
                new FaultyTask(),
                new WorkingTask(WorkingTask.AFTER)));
    return LogContext.about(
        ORDERS,
        () -> LoginSession.run(request, new LoginSession.Input(previous, Set.of(), Set.of())));
  }

  /** Finds something, unless a transaction is left open. */
  private record WorkingTask(FindingKey<Boolean> finding) implements SessionTask<Boolean> {

    private static final FindingKey<Boolean> BEFORE = FindingKey.of(Boolean.class);
    private static final FindingKey<Boolean> AFTER = FindingKey.of(Boolean.class);

    @Override
    public Optional<Boolean> run(Session session) throws SQLException {
      return Optional.of(session.connection().getAutoCommit());
    }
  }

  /** Fails within a transaction. */
  private record FaultyTask() implements SessionTask<Integer> {

    private static final FindingKey<Integer> NOTHING = FindingKey.of(Integer.class);

    @Override
    public FindingKey<Integer> finding() {
      return NOTHING;
    }

    @Override
    public Optional<Integer> run(Session session) throws SQLException {
      session.connection().setAutoCommit(false);
      throw new StackOverflowError("a fault");
    }
  }
}
