package dev.postgresinstance.operator.archive;

import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.ObjectStore.StoredObject;
import dev.postgresinstance.operator.archive.store.StoreException;

/** What an archive needs in its store. */
public final class ArchiveSize {

  /** Name of the field with the size in the result of a program. */
  public static final String FIELD = "archiveSize";

  private ArchiveSize() {}

  /**
   * Bytes of all objects of an instance, as stored: base backups, complete or not, and write-ahead
   * log. Older versions that a bucket keeps do not count, and neither does the spool on a volume.
   */
  public static long of(ObjectStore store, String instanceId) throws StoreException {
    long bytes = 0;
    for (String folder : store.folders(ArchiveLayout.instanceFolder(instanceId))) {
      if (!ArchiveLayout.SPOOL.equals(folder)) {
        String lineage = ArchiveLayout.lineageFolder(instanceId, folder);
        bytes += store.list(lineage).stream().mapToLong(StoredObject::size).sum();
      }
    }
    return bytes;
  }
}
