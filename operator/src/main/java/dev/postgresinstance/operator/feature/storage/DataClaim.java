package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The claim of the volume that holds the data. */
public final class DataClaim {

  /** Value of the label {@code app.kubernetes.io/component}. */
  public static final String COMPONENT = "storage";

  private static final Duration REFRESH_AGAIN = Duration.ofSeconds(5);

  private static final Set<String> OF_RESTORE =
      Set.of(ClaimInUse.RESTORED_TO, ClaimInUse.RESTORED, ClaimInUse.REPLACES);

  private DataClaim() {}

  /** The claim as the spec asks for it, but never smaller than it is. */
  public static PersistentVolumeClaim desired(Snapshot snapshot, Optional<DataRecord> record) {
    return claim(
        snapshot,
        record,
        larger(
            snapshot.instance().getSpec().storage().size(),
            snapshot.get(ObjectKey.CLAIM).map(DataClaim::size)));
  }

  /** The claim at its present size, for a StorageClass whose volumes cannot be expanded. */
  public static PersistentVolumeClaim ofPresentSize(
      Snapshot snapshot, Optional<DataRecord> record) {
    return claim(snapshot, record, size(snapshot.get(ObjectKey.CLAIM).orElseThrow()));
  }

  /** The requested size of a claim. */
  public static Quantity size(PersistentVolumeClaim claim) {
    return claim.getSpec().getResources().getRequests().get("storage");
  }

  /** The size of the volume; empty while there is none. */
  public static Optional<Quantity> actualSize(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.CLAIM)
        .map(PersistentVolumeClaim::getStatus)
        .map(PersistentVolumeClaimStatus::getCapacity)
        .map(capacity -> capacity.get("storage"));
  }

  /** The claim, while its volume is smaller than the requested size. */
  public static Optional<PersistentVolumeClaim> growing(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.CLAIM)
        .filter(
            claim ->
                actualSize(snapshot)
                    .map(Quantity::getNumericalAmount)
                    .filter(actual -> actual.compareTo(size(claim).getNumericalAmount()) < 0)
                    .isPresent());
  }

  /**
   * Value of the pod's annotation that makes the kubelet expand the file system at once instead of
   * within a minute and a half; it changes every few seconds. Empty when there is nothing to do.
   */
  public static Optional<String> refreshAnnotation(Snapshot snapshot, Instant now) {
    return snapshot
        .get(ObjectKey.CLAIM)
        .filter(DataClaim::isFileSystemResizePending)
        .map(claim -> size(claim) + "@" + now.getEpochSecond() / REFRESH_AGAIN.toSeconds());
  }

  /**
   * Whether the driver has expanded the volume, and the node still has to expand the file system.
   */
  public static boolean isFileSystemResizePending(PersistentVolumeClaim claim) {
    return condition(claim, "FileSystemResizePending").isPresent();
  }

  /** The condition of that type, if it is True. */
  public static Optional<PersistentVolumeClaimCondition> condition(
      PersistentVolumeClaim claim, String type) {
    return Optional.ofNullable(claim.getStatus())
        .map(PersistentVolumeClaimStatus::getConditions)
        .orElse(List.of())
        .stream()
        .filter(condition -> type.equals(condition.getType()))
        .filter(condition -> "True".equals(condition.getStatus()))
        .findFirst();
  }

  /**
   * The size to request for a claim, since no volume shrinks. An unchanged size keeps the notation
   * that the API server stores, so that it causes no write.
   *
   * @param present the size of the claim; empty if there is none
   */
  public static Quantity larger(Quantity requested, Optional<Quantity> present) {
    return present
        .filter(size -> size.getNumericalAmount().compareTo(requested.getNumericalAmount()) >= 0)
        .orElse(requested);
  }

  private static PersistentVolumeClaim claim(
      Snapshot snapshot, Optional<DataRecord> record, Quantity size) {
    return of(
        Labels.retained(snapshot, snapshot.claimName(), COMPONENT)
            .addToAnnotations(DataRecord.annotations(snapshot, record))
            .addToAnnotations(ofRestore(snapshot)),
        size,
        storageClass(snapshot));
  }

  /** What a restore in place has noted on the claim in use. */
  public static Map<String, String> ofRestore(Snapshot snapshot) {
    Map<String, String> annotations =
        new TreeMap<>(snapshot.get(ObjectKey.CLAIM).map(Annotations::of).orElse(Map.of()));
    annotations.keySet().retainAll(OF_RESTORE);
    return annotations;
  }

  /**
   * A claim for the data of an instance.
   *
   * @param size that it requests
   * @param storageClass null for the default of the cluster
   */
  public static PersistentVolumeClaim of(
      ObjectMetaBuilder metadata, Quantity size, String storageClass) {
    return new PersistentVolumeClaimBuilder()
        .withMetadata(metadata.build())
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(storageClass)
        .withNewResources()
        .withRequests(Map.of("storage", size))
        .endResources()
        .endSpec()
        .build();
  }

  /**
   * A claim keeps its StorageClass, which is immutable. A claim that was created for this resource
   * has the class of the spec or the cluster's default; repeating that would be a write, and the
   * scheduler, which binds the claim at the same moment, would retry only after five seconds.
   */
  private static String storageClass(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.CLAIM)
        .filter(
            present -> DataRecord.of(snapshot).isPresent() || isOlder(present, snapshot.instance()))
        .map(present -> present.getSpec().getStorageClassName())
        .orElse(snapshot.instance().getSpec().storage().storageClassName());
  }

  private static boolean isOlder(HasMetadata one, HasMetadata other) {
    return created(one).isBefore(created(other));
  }

  private static Instant created(HasMetadata object) {
    return Optional.ofNullable(object.getMetadata().getCreationTimestamp())
        .map(Instant::parse)
        .orElse(Instant.MIN);
  }
}
