package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.SessionTask;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The identity and the record of the data, and the guards that follow from them. */
public final class DataFeature implements Feature {

  @Override
  public List<SessionTask<?>> sessionTasks(Snapshot snapshot) {
    return List.of(new SystemIdentifierTask());
  }

  /** Changes nothing while the claim is being deleted, or for a spec that does not fit the data. */
  @Override
  public void preflight(ReconcileInput input) {
    Snapshot snapshot = input.snapshot();
    if (snapshot
        .get(ObjectKey.CLAIM)
        .filter(claim -> claim.getMetadata().getDeletionTimestamp() != null)
        .isPresent()) {
      throw new Abort(
          Reason.CLAIM_TERMINATING,
          ("Claim %s is being deleted. Only the running pod still holds the volume, so the operator"
                  + " does not stop the pod. To save the data before the pod ends, set the reclaim"
                  + " policy of the persistent volume to Retain, or take a dump.")
              .formatted(snapshot.claimName()));
    }
    Optional<DataRecord> recorded =
        snapshot.paused() ? DataRecord.of(snapshot) : DataRecord.after(snapshot, input.login());
    recorded
        .flatMap(record -> DataMismatch.of(record, snapshot))
        .ifPresent(
            difference -> {
              throw new Abort(Reason.SPEC_DOES_NOT_MATCH_DATA, difference);
            });
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    Optional<DataRecord> record = DataRecord.of(observation.snapshot());
    status.systemIdentifier(record.map(DataRecord::systemIdentifier).orElse(null));
    record.ifPresentOrElse(
        data ->
            status.condition(
                ConditionType.INITIALIZED,
                true,
                Reason.DATA_RECORDED,
                "The data of PostgreSQL %s with the system identifier %s is recorded."
                    .formatted(data.major(), data.systemIdentifier())),
        () ->
            status.condition(
                ConditionType.INITIALIZED,
                false,
                status.down().map(problem -> problem.reason()).orElse(Reason.STARTING),
                "No data is recorded yet."));
  }
}
