package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.data.DataSource;
import dev.postgresinstance.operator.feature.restore.state.RestoreEnd;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether the data of an instance still has to be restored, and what that means for its server. As
 * soon as the data is recorded, its source is history: nothing restores it again.
 */
public final class Restore {

  /** Tells the start script that an empty volume needs a restore, whatever happened to the Job. */
  static final String VARIABLE = "PGI_RESTORE";

  private Restore() {}

  /** Whether no server may start, because the spec orders data that is not there yet. */
  public static boolean isPending(Snapshot snapshot) {
    return snapshot.instance().getSpec().source() != null
        && DataRecord.of(snapshot).isEmpty()
        && complete(snapshot).isEmpty();
  }

  /** The Job that has restored the data onto the present claim. */
  private static Optional<Job> complete(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.RESTORE_JOB)
        .filter(job -> Ownership.isOwner(snapshot.instance(), job))
        .filter(JobState::isComplete)
        .filter(
            job ->
                snapshot
                    .get(ObjectKey.CLAIM)
                    .filter(claim -> JobState.isOnto(claim, job))
                    .isPresent());
  }

  /** The StatefulSet without replicas until the data is restored, and the Event when it is. */
  public static Child<StatefulSet> before(Snapshot snapshot, Child<StatefulSet> server) {
    if (isPending(snapshot)) {
      return new Child<>(
          server.key(),
          new StatefulSetBuilder(server.desired()).editSpec().withReplicas(0).endSpec().build(),
          server.onRejection(),
          server.action());
    }
    boolean starts =
        server.desired().getSpec().getReplicas() > 0
            && snapshot
                .get(ObjectKey.STATEFUL_SET)
                .filter(present -> Objects.equals(present.getSpec().getReplicas(), 0))
                .isPresent();
    return complete(snapshot)
        .filter(job -> starts && DataRecord.of(snapshot).isEmpty())
        .map(job -> server.reporting(Optional.of(restored(snapshot))))
        .orElse(server);
  }

  private static EventMessage restored(Snapshot snapshot) {
    return EventMessage.action(
        EventReason.RESTORED,
        "Restored the data from %s%s."
            .formatted(
                RestoreSource.describe(snapshot.instance().getSpec()),
                snapshot
                    .surroundings()
                    .ofJob(Names.restoreJob(snapshot.instance()))
                    .reversed()
                    .stream()
                    .flatMap(pod -> RestoreEnd.reached(pod).stream())
                    .findFirst()
                    .map(", up to "::concat)
                    .orElse("")));
  }

  /** The environment variable of the server; none where the spec names no source. */
  public static List<EnvVar> variables(Snapshot snapshot) {
    String source = DataSource.of(snapshot.instance().getSpec());
    return source.isEmpty() ? List.of() : List.of(new EnvVar(VARIABLE, source, null));
  }

  /** How a user can restore again where the volume has become empty, in a sentence. */
  public static Optional<String> remedyForEmptyVolume(Snapshot snapshot) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    boolean hasHadData = DataRecord.of(snapshot).isPresent();
    if (hasHadData && spec.backup() != null) {
      return snapshot
          .get(ObjectKey.CLAIM)
          .map(claim -> "latest@" + claim.getMetadata().getUid())
          .map(
              latest ->
                  "To restore the latest state in the archive: "
                      + KubectlCommand.annotate(snapshot.instance(), Labels.RESTORE_TO, latest));
    }
    if (spec.source() == null) {
      return Optional.empty();
    }
    return Optional.of(
        hasHadData
            ? "To restore the data from spec.source, create an instance of another name."
            : "To restore the data again: "
                + KubectlCommand.delete(
                    snapshot.instance(), "job", Names.restoreJob(snapshot.instance())));
  }
}
