package dev.postgresinstance.operator.archive;

/** The content of an object in JSON. A field that is null is absent. */
public interface ArchiveRecord {

  /** The newest format that this version reads, and the one that it writes. */
  int FORMAT_VERSION = 1;

  /** The format of the record, which increases when an older version would misunderstand it. */
  int formatVersion();
}
