package dev.postgresinstance.operator.feature.roles.database;

import dev.postgresinstance.operator.feature.roles.database.RoleServer.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Runs statements while there is time; the next session has more. */
final class RoleWriter {

  /** Afterwards nothing is written: the session has 20 seconds for everything. */
  private static final Duration TIME = Duration.ofSeconds(6);

  /** The failure of a statement for which there was no time. */
  static final Failure LATE = new Failure("", "", "");

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
    return late ? Optional.of(LATE) : server.execute(statements);
  }

  /** Whether there was no time for a statement. */
  boolean isLate() {
    return late;
  }
}
