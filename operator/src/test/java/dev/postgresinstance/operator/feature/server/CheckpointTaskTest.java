package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.configuration.SettingsReports;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.storage.VolumeTask;
import dev.postgresinstance.operator.feature.storage.VolumeUse;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.Sessions;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

class CheckpointTaskTest {

  private static final ServerSettings SETTINGS = SettingsReports.healthy("1", "1");

  private final List<String> statements = new ArrayList<>();
  private String failingStatement = "no statement";

  @ParameterizedTest(name = "checkpointed: {0}, {1} % used, full: {2}, needed: {3}")
  @CsvSource({
    "false,  5, false, true",
    "false, 80, false, true",
    "true,   5, false, false",
    // A checkpoint on a full volume crashes the server.
    "false, 85, false, false",
    "false, 70, true,  false"
  })
  void needsCheckpointBeforeRestartUnlessVolumeIsNearlyFull(
      boolean checkpointed, int percent, boolean full, boolean needed) {
    // Given
    ServerFindings findings =
        ServerFindings.NONE
            .with(SettingsTask.SETTINGS, SETTINGS)
            .with(CheckpointTask.CHECKPOINTED, checkpointed)
            .with(VolumeTask.VOLUME_USE, new VolumeUse(percent, 100, full));

    // When
    boolean needs = CheckpointTask.isNeeded(findings);

    // Then
    assertThat(needs).isEqualTo(needed);
  }

  @Test
  void checkpointsOnlyOnRequest() throws SQLException {
    // When
    Optional<Boolean> done = new CheckpointTask().run(session(Set.of()));

    // Then
    assertThat(done).contains(false);
    assertThat(statements).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no statement", "CHECKPOINT"})
  void leavesUsualTimeoutToNextTasksEvenWhenCheckpointFails(String failing) throws SQLException {
    // Given
    failingStatement = failing;

    // When
    Optional<Boolean> done = new CheckpointTask().run(session(Set.of(CheckpointTask.REQUEST)));

    // Then
    assertThat(done).contains(true);
    assertThat(statements)
        .containsExactly("SET statement_timeout = '59s'", "CHECKPOINT", "RESET statement_timeout");
  }

  private Session session(Set<SessionRequest> requests) {
    return Sessions.of(
        Sessions.proxy(
            Connection.class,
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "createStatement" -> Sessions.proxy(Statement.class, this::answer);
                  case "getNetworkTimeout" -> 5_000;
                  default -> null;
                }),
        requests);
  }

  private Object answer(Object self, Method method, Object[] arguments) throws SQLException {
    if (!method.getName().equals("execute")) {
      return null;
    }
    statements.add((String) arguments[0]);
    if (arguments[0].equals(failingStatement)) {
      throw new PSQLException("canceling statement", PSQLState.QUERY_CANCELED);
    }
    return false;
  }
}
