package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ship.progress.Reached;

/**
 * The lineage that is shipped.
 *
 * @param record what the store says about it
 * @param slot name of its guard slot
 * @param confirmed the position of the slot: the server keeps everything from there on
 * @param next the first segment that is not complete in the store
 * @param reached up to where everything is in the store
 * @param walBlockSize in bytes
 */
record Lineage(
    LineageRecord record,
    String slot,
    Lsn confirmed,
    WalSegment next,
    Reached reached,
    int walBlockSize) {

  /** The folder in the store. */
  String name() {
    return record.lineage();
  }
}
