package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.Lsn;
import java.time.Instant;
import java.util.List;

/**
 * What the server says about its write-ahead log.
 *
 * @param systemIdentifier chosen by initdb
 * @param timeline the one that the server writes
 * @param walSegmentSize in bytes
 * @param walBlockSize in bytes
 * @param version of PostgreSQL, such as {@code 17.6}
 * @param flushLsn everything before it is durable on the server
 * @param now by the clock of the server
 * @param slots the guard slots, the newest one first
 */
public record ServerState(
    String systemIdentifier,
    int timeline,
    long walSegmentSize,
    int walBlockSize,
    String version,
    Lsn flushLsn,
    Instant now,
    List<GuardSlot> slots) {}
