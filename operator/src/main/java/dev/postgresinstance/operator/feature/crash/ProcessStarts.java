package dev.postgresinstance.operator.feature.crash;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * When the processes of a server were started.
 *
 * @param postmaster start of the first process, which lives as long as the container
 * @param checkpointer start of the process that the postmaster starts first, and again only after
 *     the crash of any process
 */
public record ProcessStarts(Instant postmaster, Instant checkpointer) {

  /**
   * The checkpointer usually follows the postmaster within hundredths of a second, whatever the
   * server has to recover, and within tenths on a busy node. The bound is much longer, because a
   * false alarm is worse than a missed crash this soon after a start, which ends few sessions.
   */
  private static final Duration LONGEST_START = Duration.ofSeconds(10);

  /** When PostgreSQL began to recover from the last crash, in seconds; empty if there was none. */
  Optional<Instant> lastCrash() {
    return Optional.of(checkpointer)
        .filter(start -> start.isAfter(postmaster.plus(LONGEST_START)))
        .map(start -> start.truncatedTo(ChronoUnit.SECONDS));
  }
}
