package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * What a running server says again and again.
 *
 * @param flushLsn everything that was committed before {@code time} is before this position
 * @param time by the clock of the server
 * @param receivedLsn up to which position the receiver has written; empty without a receiver
 * @param slot the guard slot of the lineage; empty when there is none
 */
public record Observation(
    Lsn flushLsn, Instant time, Optional<Lsn> receivedLsn, Optional<GuardSlot> slot) {}
