package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.storage.VolumeTask;
import dev.postgresinstance.operator.feature.storage.VolumeUse;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.ServerFindings;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionRequest;
import dev.postgresinstance.operator.sql.SessionTask;
import dev.postgresinstance.operator.sql.SqlMessage;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a checkpoint before a restart, so that the server has little left to flush at its end. */
public record CheckpointTask() implements SessionTask<Boolean> {

  private static final Logger log = LoggerFactory.getLogger(CheckpointTask.class);

  /** Whether the session made a checkpoint, or tried to. */
  public static final FindingKey<Boolean> CHECKPOINTED = FindingKey.of(Boolean.class);

  /** What a checkpoint has not flushed by then, the shutdown of the server flushes. */
  private static final Duration MAX_TIME = Duration.ofSeconds(60);

  /** Requests a checkpoint. */
  public static final SessionRequest REQUEST = new SessionRequest("checkpoint", MAX_TIME);

  /**
   * Whether a checkpoint has to precede a restart. On a full volume it would crash the server, and
   * a server that is stopped while it recovers from that may never end.
   */
  public static boolean isNeeded(ServerFindings findings) {
    return findings.get(SettingsTask.SETTINGS).isPresent()
        && !findings.get(CHECKPOINTED).orElse(false)
        && findings.get(VolumeTask.VOLUME_USE).filter(VolumeUse::nearlyFull).isEmpty();
  }

  @Override
  public FindingKey<Boolean> finding() {
    return CHECKPOINTED;
  }

  /** Without a checkpoint the restart only takes longer, so a failure is logged and no more. */
  @Override
  public Optional<Boolean> run(Session session) throws SQLException {
    if (!session.isRequested(REQUEST)) {
      return Optional.of(false);
    }
    session.withAnswerTime(
        MAX_TIME,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '%ds'".formatted(MAX_TIME.toSeconds() - 1));
            checkpoint(statement);
            statement.execute("RESET statement_timeout"); // for the tasks that follow
          }
        });
    return Optional.of(true);
  }

  private static void checkpoint(Statement statement) throws SQLException {
    try {
      statement.execute("CHECKPOINT");
    } catch (PSQLException e) {
      log.warn("No checkpoint before the restart: {}", SqlMessage.of(e));
    }
  }
}
