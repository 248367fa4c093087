package dev.postgresinstance.operator.feature.backup.claim;

import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.VolumeStore;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;

/** The claim of the volume that holds the backups, while the spec requests one. */
public final class BackupClaim {

  private BackupClaim() {}

  /** Where the archive of an instance with {@code spec.backup} lies. */
  public static ArchiveStore archive(PostgresInstance instance) {
    return ArchiveStore.of(instance.getSpec().backup().store(), Names.backupClaim(instance));
  }

  /** The name of the claim; empty where the archive is not on a volume. */
  public static Optional<String> name(PostgresInstance instance) {
    return requested(instance).map(store -> Names.backupClaim(instance));
  }

  private static Optional<VolumeStore> requested(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec().backup())
        .map(BackupSpec::store)
        .map(store -> store.volume());
  }

  /** That somebody has deleted the claim that is in use, in a sentence. */
  public static Optional<String> deletion(Snapshot snapshot) {
    return requested(snapshot.instance())
        .flatMap(store -> snapshot.get(ObjectKey.BACKUP_CLAIM))
        .filter(BackupClaim::isBeingDeleted)
        .map(
            claim ->
                "Claim %s is being deleted: when no pod uses it any more, the backups on it are gone."
                    .formatted(claim.getMetadata().getName()));
  }

  private static boolean isBeingDeleted(PersistentVolumeClaim claim) {
    return claim.getMetadata().getDeletionTimestamp() != null;
  }

  /**
   * The claim as it should be, never smaller than it is, since no volume shrinks. Nothing while it
   * is being deleted.
   */
  public static Optional<Child<PersistentVolumeClaim>> child(Snapshot snapshot) {
    return requested(snapshot.instance())
        .filter(
            store ->
                snapshot.get(ObjectKey.BACKUP_CLAIM).filter(BackupClaim::isBeingDeleted).isEmpty())
        .map(
            store -> {
              Optional<Quantity> present =
                  snapshot.get(ObjectKey.BACKUP_CLAIM).map(DataClaim::size);
              Quantity size = DataClaim.larger(store.size(), present);
              Child<PersistentVolumeClaim> child =
                  Child.of(ObjectKey.BACKUP_CLAIM, claim(snapshot, store, size));
              return present
                  .filter(now -> !now.equals(size))
                  .map(now -> child.orElse(rejected -> keepSize(snapshot, store, now, rejected)))
                  .orElse(child);
            });
  }

  private static Optional<Fallback<PersistentVolumeClaim>> keepSize(
      Snapshot snapshot, VolumeStore store, Quantity present, Rejection rejection) {
    if (!rejection.isRefusedContent()) {
      return Optional.empty();
    }
    return Optional.of(
        new Fallback.UseInstead<>(
            claim(snapshot, store, present),
            new Problem(
                    ConditionType.BACKUP_READY,
                    Reason.RESIZE_REFUSED,
                    "The volume with the backups keeps its size of %s; a resize to %s was rejected: %s."
                        .formatted(present, store.size(), rejection.message()))
                .ranked(Rank.NOTE)));
  }

  /**
   * The archives of several instances may lie on the claim, one after the other: of an instance
   * that is gone, and of its successor with the same name. So it keeps the identity that it has.
   */
  private static PersistentVolumeClaim claim(Snapshot snapshot, VolumeStore store, Quantity size) {
    Optional<PersistentVolumeClaim> present = snapshot.get(ObjectKey.BACKUP_CLAIM);
    return new PersistentVolumeClaimBuilder()
        .withMetadata(
            Labels.unowned(snapshot, Names.backupClaim(snapshot.instance()), "backup")
                .addToAnnotations(
                    Labels.INSTANCE_ID,
                    present.flatMap(Identity::of).orElseGet(() -> Identity.of(snapshot)))
                .build())
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(
            present
                .map(claim -> claim.getSpec().getStorageClassName())
                .orElse(store.storageClassName()))
        .withNewResources()
        .withRequests(Map.of("storage", size))
        .endResources()
        .endSpec()
        .build();
  }
}
