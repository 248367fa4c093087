package dev.postgresinstance.operator.archive;

/**
 * A file with a part of a segment that is being filled, which follows what was stored before.
 *
 * @param offset of its first byte in the segment
 */
public record WalPart(WalSegment segment, long offset) {}
