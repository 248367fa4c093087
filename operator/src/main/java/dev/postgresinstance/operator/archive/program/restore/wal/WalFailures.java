package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;

/** What is wrong with the write-ahead log in an archive. */
final class WalFailures {

  private WalFailures() {}

  /** A file that a recovery needs. */
  static ProgramFailure missing(String name) {
    return new ProgramFailure(
        "WalMissing",
        ("The archive lacks the file %s of the write-ahead log, without which the target cannot"
                + " be reached.")
            .formatted(name));
  }

  /**
   * A segment with another content than it should have.
   *
   * @param how part of a sentence
   */
  static ProgramFailure damaged(String name, String how) {
    return new ProgramFailure(
        "WalDamaged",
        "The segment %s of the write-ahead log in the archive is damaged: %s."
            .formatted(name, how));
  }

  /**
   * A segment that cannot be read.
   *
   * @throws StoreException when that is the cause
   */
  static ProgramFailure damaged(String name, IOException cause) throws StoreException {
    if (cause instanceof StoreException failure) {
      throw failure;
    }
    return damaged(name, String.valueOf(cause.getMessage()));
  }
}
