package dev.postgresinstance.operator.archive;

import java.time.Instant;

/** Up to where to recover. */
public sealed interface RestoreTarget {

  /** Everything that the archive contains. */
  record Latest() implements RestoreTarget {}

  /** Everything that was committed before a moment. */
  record Time(Instant time) implements RestoreTarget {}

  /** Everything before a position in the write-ahead log. */
  record Position(Lsn lsn) implements RestoreTarget {}

  /** The state at the end of a backup, which is also the one to begin with. */
  record EndOfBackup(String backup) implements RestoreTarget {}
}
