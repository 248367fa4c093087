package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.database.RoleServer.Failure;
import dev.postgresinstance.operator.sql.SqlState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Runs statements while there is time, and no lock takes it; the next session has more. */
final class RoleWriter {

  /** Afterwards nothing is written: the session has 20 seconds for everything. */
  private static final Duration TIME = Duration.ofSeconds(6);

  /** The failure of a statement for which there was no time. */
  static final Failure LATE =
      new Failure("", "the operator has other roles to set, and sets this one soon", "");

  /** The message of a statement that would wait for a lock. */
  static final String HELD =
      "another transaction holds the role, and the operator tries again until that ends";

  private final RoleServer server;
  private final InstantSource clock;
  private final Instant end;
  private boolean late;

  /** The time begins now. */
  RoleWriter(RoleServer server, InstantSource clock) {
    this.server = server;
    this.clock = clock;
    this.end = clock.instant().plus(TIME);
  }

  /** Runs statements in one transaction; returns why it did not, or why PostgreSQL rejects one. */
  Optional<Failure> write(String... statements) {
    late |= !clock.instant().isBefore(end);
    if (late) {
      return Optional.of(LATE);
    }
    Optional<Failure> failure = server.execute(statements);
    late = failure.filter(why -> SqlState.LOCK_NOT_AVAILABLE.is(why.sqlState())).isPresent();
    return failure;
  }

  /** Whether a later session succeeds by itself. */
  static boolean isPostponed(Failure failure) {
    return failure.equals(LATE) || SqlState.LOCK_NOT_AVAILABLE.is(failure.sqlState());
  }

  /** Whether something is left for the next session. */
  boolean isLate() {
    return late;
  }
}
