package dev.postgresinstance.operator.archive.program.ship.progress;

import dev.postgresinstance.operator.archive.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * Up to where everything is in the store.
 *
 * @param lsn everything before it
 * @param time everything that was committed before it; empty while that is not known
 */
public record Reached(Lsn lsn, Optional<Instant> time) {}
