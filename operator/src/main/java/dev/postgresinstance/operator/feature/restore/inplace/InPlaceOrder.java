package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.feature.restore.RestoreOrder;
import dev.postgresinstance.operator.feature.restore.RestoreSource;
import dev.postgresinstance.operator.feature.restore.RestoreSource.Archive;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import java.util.Map;
import java.util.Optional;

/** What the Job restores: a state in the archive of the instance itself. */
final class InPlaceOrder {

  private InPlaceOrder() {}

  /** The order for a request. */
  static RestoreOrder of(Snapshot snapshot, RestoreRequest request) {
    return new RestoreOrder(
        request
            .backup()
            .map(name -> ofBackup(snapshot, name))
            .orElseGet(
                () ->
                    new Archive(
                        BackupClaim.archive(snapshot.instance()),
                        Identity.of(snapshot),
                        Optional.empty(),
                        Optional.empty())),
        request.target(),
        ObjectKey.RESTORE_CLAIM,
        Hashes.brief(request.value()),
        request.description(),
        true,
        Map.of(Labels.RESTORE_TO, request.value()));
  }

  private static RestoreSource ofBackup(Snapshot snapshot, String name) {
    Optional<Backup> backup =
        Backup.of(snapshot).stream().filter(each -> each.name().equals(name)).findFirst();
    if (backup.isEmpty() || backup.get().hasFailed()) {
      return RestoreSource.failed(
          "The annotation %s names PostgresBackup %s, %s. Name a complete backup of this instance: kubectl get -n %s pgbackup"
              .formatted(
                  Labels.RESTORE_TO,
                  name,
                  backup.isEmpty() ? "but this instance has no such backup" : "which has failed",
                  snapshot.instance().getMetadata().getNamespace()));
    }
    Optional<ArchiveLocation> location = backup.get().archive();
    if (location.isEmpty() || !backup.get().isComplete()) {
      return new RestoreSource.Unknown(
          RestoreSource.problem(
              Reason.RESTORING,
              "The restore waits until PostgresBackup %s is complete. %s"
                  .formatted(name, backup.get().message())
                  .strip()));
    }
    return new Archive(
        location.get().store(),
        location.get().instanceId(),
        backup.get().archiveName(),
        Optional.empty());
  }
}
