package dev.postgresinstance.operator.archive;

import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.util.List;

/**
 * What may be deleted.
 *
 * @param backups complete backups, in the order of their ends
 * @param steps keys of objects. After an interruption between two steps, or within one, the archive
 *     promises nothing that it does not have, and the next plan contains the rest
 */
public record RetentionPlan(List<BackupRecord> backups, List<List<String>> steps) {

  /** Deletes it. */
  public void execute(ObjectStore store) throws StoreException {
    for (List<String> step : steps) {
      store.delete(step);
    }
  }
}
