package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
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

/** The claim of the volume that holds the data. */
public final class DataClaim {

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private DataClaim() {}

  /**
   * The claim as the spec asks for it; never smaller than it is, since no volume shrinks. The same
   * size is asked for in the words the API server keeps it in, or it would be sent in each pass.
   */
  public static PersistentVolumeClaim desired(Snapshot snapshot, Optional<DataRecord> record) {
    return claim(
        snapshot,
        record,
        larger(
            snapshot.instance().getSpec().storage().size(), snapshot.claim().map(DataClaim::size)));
  }

  /** The claim at the size it has, for a class whose volumes cannot grow. */
  public static PersistentVolumeClaim ofPresentSize(
      Snapshot snapshot, Optional<DataRecord> record) {
    return claim(snapshot, record, size(snapshot.claim().orElseThrow()));
  }

  /** The size that a claim asks for. */
  public static Quantity size(PersistentVolumeClaim claim) {
    return claim.getSpec().getResources().getRequests().get("storage");
  }

  /** The size that the volume has; empty while there is none. */
  public static Optional<Quantity> actualSize(Snapshot snapshot) {
    return snapshot
        .claim()
        .map(PersistentVolumeClaim::getStatus)
        .map(PersistentVolumeClaimStatus::getCapacity)
        .map(capacity -> capacity.get("storage"));
  }

  /** The claim, while its volume is smaller than it asks for. */
  public static Optional<PersistentVolumeClaim> growing(Snapshot snapshot) {
    return snapshot
        .claim()
        .filter(
            claim ->
                actualSize(snapshot)
                    .map(Quantity::getNumericalAmount)
                    .filter(actual -> actual.compareTo(size(claim).getNumericalAmount()) < 0)
                    .isPresent());
  }

  /**
   * What the pod is to be told while its node has still to grow the file system, so that the
   * kubelet looks at once instead of within a minute and a half; empty when there is nothing to do.
   */
  public static Optional<String> growth(Snapshot snapshot, Instant now) {
    return snapshot
        .claim()
        .filter(DataClaim::nodeHasToGrow)
        .map(claim -> size(claim) + "@" + now.getEpochSecond() / LOOK_AGAIN.toSeconds());
  }

  /** Whether the driver has grown the volume, and its node has still to grow the file system. */
  public static boolean nodeHasToGrow(PersistentVolumeClaim claim) {
    return condition(claim, "FileSystemResizePending").isPresent();
  }

  /** The condition of that type, if it is true of the claim. */
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

  private static Quantity larger(Quantity asked, Optional<Quantity> present) {
    return present
        .filter(size -> size.getNumericalAmount().compareTo(asked.getNumericalAmount()) >= 0)
        .orElse(asked);
  }

  private static PersistentVolumeClaim claim(
      Snapshot snapshot, Optional<DataRecord> record, Quantity size) {
    return new PersistentVolumeClaimBuilder()
        .withMetadata(
            Labels.kept(snapshot, Names.claim(snapshot.instance()), "storage")
                .addToAnnotations(DataRecord.annotations(snapshot, record))
                .build())
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(storageClass(snapshot))
        .withNewResources()
        .withRequests(Map.of("storage", size))
        .endResources()
        .endSpec()
        .build();
  }

  /**
   * A claim keeps its class, which cannot be changed. That of one which was made for this resource
   * is what the spec says or the cluster has chosen; to lay hands on it then is a write that the
   * scheduler, which binds the claim in the same moment, answers by a break of five seconds.
   */
  private static String storageClass(Snapshot snapshot) {
    return snapshot
        .claim()
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
