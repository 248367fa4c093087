package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.Rejection;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The data volume: its claim, its growth, and how full it is. */
public final class StorageFeature implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return DataClaim.actualSize(snapshot)
        .<List<SessionTask<?>>>map(
            size -> List.of(new VolumeTask(size.getNumericalAmount().longValue())))
        .orElse(List.of());
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    if (phase != WritePhase.CLAIM) {
      return List.of();
    }
    Snapshot snapshot = input.snapshot();
    Optional<DataRecord> record = DataRecord.after(input.atStart(), input.login());
    // The published Secret is the first to record new data. The claim follows in the next
    // reconciliation; Ready does not wait for it.
    Optional<DataRecord> ofClaim =
        record.filter(data -> DataRecord.of(input.atStart()).isPresent());
    PersistentVolumeClaim desired = DataClaim.desired(snapshot, ofClaim);
    boolean grows =
        snapshot
            .get(ObjectKey.CLAIM)
            .map(DataClaim::size)
            .filter(size -> !size.equals(DataClaim.size(desired)))
            .isPresent();
    Child<PersistentVolumeClaim> claim = Child.of(ObjectKey.CLAIM, desired);
    return List.of(
        grows ? claim.orElse(rejection -> keepSize(snapshot, ofClaim, rejection)) : claim);
  }

  /** Keeps the present size where the volume cannot grow. */
  private static Optional<Fallback<PersistentVolumeClaim>> keepSize(
      Snapshot snapshot, Optional<DataRecord> record, Rejection rejection) {
    if (!rejection.isRefusedContent()) {
      return Optional.empty();
    }
    PersistentVolumeClaim present = DataClaim.ofPresentSize(snapshot, record);
    return Optional.of(
        new Fallback.UseInstead<>(
            present,
            StorageProblems.refused(
                snapshot.instance(), DataClaim.size(present), rejection.message())));
  }

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    log.note(StorageProblems.smaller(input.snapshot()));
    OfflineGrowth growth = OfflineGrowth.of(input.snapshot(), input.now());
    log.addAll(
        StorageProblems.of(input.snapshot(), input.findings().get(VolumeTask.VOLUME_USE), growth));
  }

  /** Until the node has expanded the file system. */
  @Override
  public Map<String, String> podAnnotations(ReconcileInput input) {
    return DataClaim.refreshAnnotation(input.snapshot(), input.now())
        .map(value -> Map.of(Labels.VOLUME_SIZE, value))
        .orElse(Map.of());
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    StorageProblems.report(
        observation.snapshot(), observation.worst(ConditionType.STORAGE_READY), status);
    status.storage(
        StorageProblems.status(
                observation.snapshot(), observation.findings().get(VolumeTask.VOLUME_USE))
            .orElse(null));
  }
}
