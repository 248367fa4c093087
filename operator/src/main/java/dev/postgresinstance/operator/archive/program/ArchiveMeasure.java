package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.ArchiveSize;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.util.Map;

/** The size of the archive in the result of a program that has changed it. */
public final class ArchiveMeasure {

  private ArchiveMeasure() {}

  /**
   * Adds the size. A failure does not make the program a failed one: what it was to do is done, and
   * the result has no size.
   */
  public static void addTo(Map<String, Object> result, ObjectStore store, String instanceId) {
    try {
      result.put(ArchiveSize.FIELD, ArchiveSize.of(store, instanceId));
    } catch (StoreException e) {
      ProgramLog.say("Cannot determine the size of the archive: %s", e.getMessage());
    }
  }
}
