package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.TestCertificates;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the operator does at a server depends on whose authority has signed its certificate. */
class LoginSessionProofTest {

  private static final String HOST = "orders.shop.svc";
  private static final String PASSWORD = "secret";
  private static final Role APP = new Role("app", PASSWORD);

  private final TestCertificates trusted = TestCertificates.issue(HOST, Instant.now());
  private final List<String> done = new ArrayList<>();

  @Test
  void neitherRepairsNorRunsTaskThatNeedsProofAtServerOfOtherAuthority() throws IOException {
    // Given
    TestCertificates other = TestCertificates.issue(HOST, Instant.now());

    // When
    LoginResult result = run(other);

    // Then
    assertThat(done).containsExactly("task without proof");
    assertThat(result).isInstanceOf(LoginRejected.class);
    assertThat(result.findings().isComplete()).isTrue();
  }

  @Test
  void repairsAndRunsEveryTaskAtServerOfTrustedAuthority() throws IOException {
    // When
    LoginResult result = run(trusted);

    // Then
    assertThat(done).containsExactly("repair", "task with proof", "task without proof");
    assertThat(result).isInstanceOf(LoginRejected.class);
    assertThat(result.findings().isComplete()).isTrue();
  }

  /** Logs in to a server that rejects the application and accepts the operator. */
  private LoginResult run(TestCertificates presented) throws IOException {
    try (TlsServer server = new TlsServer(presented, PASSWORD, APP.name())) {
      LoginRequest request =
          new LoginRequest(
              "containerd://1",
              "127.0.0.1",
              server.port(),
              Optional.of(new TlsTrust(trusted.authorities(), HOST, true)),
              "app",
              APP,
              new Role("pgi_operator", PASSWORD),
              (session, database, role, rejected) -> {
                done.add("repair");
                return false;
              },
              List.of(
                  new RecordingTask("task with proof", false, done),
                  new RecordingTask("task without proof", true, done)));
      return LoginSession.run(request, new LoginSession.Input(new Pending(), Set.of(), Set.of()));
    }
  }

  private record RecordingTask(String name, boolean runsWithoutProof, List<String> done)
      implements SessionTask<Boolean> {

    private static final FindingKey<Boolean> RAN = FindingKey.of(Boolean.class);

    @Override
    public FindingKey<Boolean> finding() {
      return RAN;
    }

    @Override
    public Optional<Boolean> run(Session session) {
      done.add(name);
      return Optional.of(true);
    }
  }
}
