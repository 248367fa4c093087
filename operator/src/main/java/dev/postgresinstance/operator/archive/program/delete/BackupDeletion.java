package dev.postgresinstance.operator.archive.program.delete;

import dev.postgresinstance.operator.archive.ArchivedLineage;
import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.Catalogue;
import dev.postgresinstance.operator.archive.Retention;
import dev.postgresinstance.operator.archive.RetentionPlan;
import dev.postgresinstance.operator.archive.program.ArchiveMeasure;
import dev.postgresinstance.operator.archive.program.Program;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.ProgramResult;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Deletes backups and the write-ahead log that only they needed. What another backup needs stays:
 * the result names it, and the retention deletes it later.
 */
public final class BackupDeletion {

  private BackupDeletion() {}

  /** Runs the program. */
  public static void main(String[] arguments) {
    Program.run(
        environment -> {
          try (ObjectStore store = environment.store()) {
            return run(environment, store);
          }
        });
  }

  /** Deletes the backups that the environment names. One that is not there is no error. */
  static ProgramResult run(ProgramEnvironment environment, ObjectStore store)
      throws ProgramFailure, StoreException {
    Set<String> unwanted = Set.of(environment.required("PGI_UNWANTED_BACKUPS").split(","));
    Catalogue catalogue = Catalogue.read(store, environment.instanceId());
    RetentionPlan plan = Retention.without(unwanted, catalogue);
    plan.execute(store);
    Set<String> deleted = new HashSet<>();
    plan.backups().forEach(backup -> deleted.add(backup.name()));
    List<String> kept =
        catalogue.lineages().stream()
            .map(ArchivedLineage::backups)
            .flatMap(List::stream)
            .map(BackupRecord::name)
            .filter(unwanted::contains)
            .filter(name -> !deleted.contains(name))
            .toList();
    ProgramLog.say("Deleted %s, kept %s.", deleted, kept);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("kept", kept);
    ArchiveMeasure.addTo(result, store, environment.instanceId());
    return ProgramResult.success(result);
  }
}
