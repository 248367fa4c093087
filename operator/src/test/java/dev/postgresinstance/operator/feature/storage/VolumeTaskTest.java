package dev.postgresinstance.operator.feature.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.Sessions;
import dev.postgresinstance.operator.sql.SqlState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VolumeTaskTest {

  private static final long MEBIBYTE = 1024 * 1024;
  private static final long VOLUME = 1024 * MEBIBYTE;
  private static final VolumeTask TASK = new VolumeTask(VOLUME);

  /** The start script reserves 96 MiB of this volume. */
  private static final long USED_AT_59_PERCENT = 518 * MEBIBYTE;

  private static final long USED_AT_60_PERCENT = 519 * MEBIBYTE;

  private final Server server = new Server();

  @Test
  void addsReserveToMeasuredBytes() {
    // Given
    server.bytes = USED_AT_59_PERCENT;

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.empty()));

    // Then
    assertThat(use).contains(new VolumeUse(614 * MEBIBYTE, VOLUME, false));
  }

  @Test
  void triesNoWriteBelowSixtyPercent() {
    // Given
    server.bytes = USED_AT_59_PERCENT;
    server.writeError = error(SqlState.DISK_FULL.code());

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.empty()));

    // Then
    assertThat(use).map(VolumeUse::full).contains(false);
    assertThat(server.calls).doesNotContain("execute");
  }

  @Test
  void reportsFullVolumeFromSixtyPercentWhenWriteFails() {
    // Given
    server.bytes = USED_AT_60_PERCENT;
    server.writeError = error(SqlState.DISK_FULL.code());

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.empty()));

    // Then
    assertThat(use).contains(new VolumeUse(615 * MEBIBYTE, VOLUME, true));
  }

  @Test
  void rollsBackWriteThatSucceeds() {
    // Given
    server.bytes = USED_AT_60_PERCENT;

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.empty()));

    // Then
    assertThat(use).map(VolumeUse::full).contains(false);
    assertThat(server.calls)
        .containsSubsequence("setAutoCommit false", "execute", "rollback", "setAutoCommit true")
        .doesNotContain("commit");
  }

  @Test
  void triesWriteAgainWithoutMeasuringBeforeRefreshIsDue() {
    // Given
    VolumeUse full = new VolumeUse(900 * MEBIBYTE, VOLUME, true);

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.of(full)));

    // Then
    assertThat(use).contains(new VolumeUse(900 * MEBIBYTE, VOLUME, false));
    assertThat(server.calls).contains("execute").doesNotContain("executeQuery");
  }

  @Test
  void measuresAgainWhenRefreshIsDue() {
    // Given
    server.bytes = USED_AT_59_PERCENT;
    VolumeUse previous = new VolumeUse(900 * MEBIBYTE, VOLUME, true);

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.of(previous), VolumeTask.VOLUME_USE));

    // Then
    assertThat(use).contains(new VolumeUse(614 * MEBIBYTE, VOLUME, false));
  }

  @Test
  void keepsPreviousUseWhenMeasurementFails() {
    // Given
    server.queryError = error("57014");
    VolumeUse previous = new VolumeUse(900 * MEBIBYTE, VOLUME, true);

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.of(previous), VolumeTask.VOLUME_USE));
    Optional<VolumeUse> first = TASK.run(session(Optional.empty()));

    // Then
    assertThat(use).contains(previous);
    assertThat(first).isEmpty();
  }

  @Test
  void keepsPreviousUseWhenWriteFailsForAnotherReason() {
    // Given
    server.writeError = error("57014");
    VolumeUse previous = new VolumeUse(900 * MEBIBYTE, VOLUME, false);

    // When
    Optional<VolumeUse> use = TASK.run(session(Optional.of(previous)));

    // Then
    assertThat(use).contains(previous);
    assertThat(server.calls).endsWith("rollback", "setAutoCommit true");
  }

  private Session session(Optional<VolumeUse> previous, FindingKey<?>... due) {
    ServerFindings findings =
        previous
            .map(use -> ServerFindings.NONE.with(VolumeTask.VOLUME_USE, use))
            .orElse(ServerFindings.NONE);
    return Sessions.of(server.connection(), findings, Set.of(due));
  }

  private static SQLException error(String sqlState) {
    return new SQLException("rejected", sqlState);
  }

  /** A server whose answers the test decides. */
  private static final class Server {

    private final List<String> calls = new ArrayList<>();
    private long bytes;
    private SQLException queryError;
    private SQLException writeError;

    private Connection connection() {
      return Sessions.proxy(
          Connection.class,
          (self, method, arguments) -> {
            if (method.getName().equals("createStatement")) {
              return statement();
            }
            calls.add(
                arguments == null
                    ? method.getName()
                    : "%s %s".formatted(method.getName(), arguments[0]));
            return null;
          });
    }

    private Statement statement() {
      return Sessions.proxy(
          Statement.class,
          (self, method, arguments) -> {
            calls.add(method.getName());
            return switch (method.getName()) {
              case "executeQuery" -> answer(queryError, row());
              case "execute" -> answer(writeError, false);
              default -> null;
            };
          });
    }

    private ResultSet row() {
      return Sessions.proxy(
          ResultSet.class,
          (self, method, arguments) ->
              switch (method.getName()) {
                case "next" -> true;
                case "getLong" -> bytes;
                default -> null;
              });
    }

    private static Object answer(SQLException error, Object result) throws SQLException {
      if (error != null) {
        throw error;
      }
      return result;
    }
  }
}
