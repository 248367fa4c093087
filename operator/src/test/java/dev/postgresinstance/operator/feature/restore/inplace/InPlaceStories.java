package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.restore.RestoreSource;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.Surroundings;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Instance {@code orders} with backup, at each step of a restore in place. */
final class InPlaceStories {

  static final String UID = "claim-uid";
  static final String VALUE = "2025-12-31T23:00:00Z@" + UID;
  static final String BACKUP = "backup: {store: {s3: {bucket: b}}}";

  private static final String JOB_UID = "job-uid";

  static final InPlaceFeature FEATURE =
      new InPlaceFeature(new ImageFeature(PostgresImages.DEFAULT), Optional.of("operator:1"));

  private InPlaceStories() {}

  /** An instance with data, whose server runs. */
  static Snapshot running(String spec) {
    Snapshot snapshot = withUid(Snapshots.withData(Snapshots.of(spec)), UID);
    return snapshot.with(statefulSet(snapshot, 1));
  }

  private static Snapshot withUid(Snapshot snapshot, String uid) {
    return snapshot.with(
        new PersistentVolumeClaimBuilder(snapshot.get(ObjectKey.CLAIM).orElseThrow())
            .editMetadata()
            .withUid(uid)
            .endMetadata()
            .build());
  }

  /** The StatefulSet, as its controller has observed it. */
  static StatefulSet statefulSet(Snapshot snapshot, int replicas) {
    return new StatefulSetBuilder()
        .withNewMetadata()
        .withName("orders")
        .withNamespace("shop")
        .withGeneration(2L)
        .addToAnnotations(Labels.INSTANCE_ID, Snapshots.UID)
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewTemplate()
        .endTemplate()
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(2L)
        .withReplicas(replicas)
        .endStatus()
        .build();
  }

  /** The running instance with the annotation. */
  static Snapshot requested(String value) {
    return requested(BACKUP, value);
  }

  static Snapshot requested(String spec, String value) {
    return Snapshots.withAnnotation(running(spec), Labels.RESTORE_TO, value);
  }

  static ReconcileInput input(Snapshot snapshot) {
    return ReconcileInputs.of(snapshot);
  }

  /** What is written in the phase of the restore. */
  static List<Child<?>> written(Snapshot snapshot) {
    return FEATURE.children(WritePhase.RESTORE, input(snapshot));
  }

  static HasMetadata onlyWritten(Snapshot snapshot) {
    List<Child<?>> written = written(snapshot);
    if (written.size() != 1) {
      throw new AssertionError("not one child but " + written);
    }
    return written.getFirst().desired();
  }

  /** The snapshot after that phase, with the claims as their cache has them. */
  static Snapshot next(Snapshot snapshot) {
    HasMetadata object = onlyWritten(snapshot);
    if (object instanceof Job job) {
      return snapshot.with(
          new JobBuilder(job).editMetadata().withUid(JOB_UID).endMetadata().build());
    }
    PersistentVolumeClaim claim =
        new PersistentVolumeClaimBuilder((PersistentVolumeClaim) object)
            .editMetadata()
            .withUid(object.getMetadata().getName().equals("orders-data") ? UID : "new-uid")
            .endMetadata()
            .build();
    return withClaims(snapshot.with(claim));
  }

  private static Snapshot withClaims(Snapshot snapshot) {
    List<PersistentVolumeClaim> claims =
        snapshot.children().stream()
            .filter(PersistentVolumeClaim.class::isInstance)
            .map(PersistentVolumeClaim.class::cast)
            .distinct()
            .toList();
    return withSurroundings(snapshot, snapshot.surroundings().helpers(), claims);
  }

  static Snapshot withSurroundings(
      Snapshot snapshot, List<Pod> pods, List<PersistentVolumeClaim> claims) {
    return new Snapshot(
        snapshot.instance(),
        snapshot.objects(),
        snapshot.cluster(),
        new Surroundings(snapshot.surroundings().backups(), pods, claims));
  }

  /** The claim is there, and the Job. */
  static Snapshot restoring() {
    return next(next(requested(VALUE)));
  }

  /** The snapshot without the object of a key. */
  static Snapshot without(Snapshot snapshot, ObjectKey<?> key) {
    Map<ObjectKey<?>, HasMetadata> objects = new HashMap<>(snapshot.objects());
    objects.remove(key);
    return new Snapshot(snapshot.instance(), objects, snapshot.cluster(), snapshot.surroundings());
  }

  /** The Job has ended, which its condition of that type says. */
  static Snapshot ended(Snapshot snapshot, String type) {
    return snapshot.with(
        new JobBuilder(snapshot.get(ObjectKey.RESTORE_JOB).orElseThrow())
            .withNewStatus()
            .addNewCondition()
            .withType(type)
            .withStatus("True")
            .withLastTransitionTime(Pods.NOW.toString())
            .endCondition()
            .endStatus()
            .build());
  }

  /** The Job is complete. */
  static Snapshot complete() {
    Snapshot restoring = restoring();
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace("shop")
            .withName("orders-restore-1")
            .addToLabels(Labels.JOB_NAME, "orders-restore")
            .withOwnerReferences(new OwnerReferenceBuilder().withUid(JOB_UID).build())
            .endMetadata()
            .withNewStatus()
            .withPhase("Succeeded")
            .addNewContainerStatus()
            .withName("postgres")
            .withState(
                Pods.terminated(
                    0,
                    "Completed",
                    "{\"reachedLsn\":\"0/5000148\",\"reachedTime\":\"2025-12-31T22:59:59Z\",\"systemIdentifier\":\"7300000000000000002\"}"))
            .endContainerStatus()
            .endStatus()
            .build();
    Snapshot withPod = withSurroundings(restoring, List.of(pod), restoring.surroundings().claims());
    return ended(withPod, "Complete");
  }

  /** The claim says that the data is restored onto it. */
  static Snapshot restored() {
    return next(complete());
  }

  /** The server is gone since then. */
  static Snapshot stopped(Instant since) {
    Snapshot away = stopped();
    return away.with(
        new StatefulSetBuilder(statefulSet(away, 0))
            .editMetadata()
            .addToAnnotations(Labels.STOPPED_SINCE, since.toString())
            .endMetadata()
            .build());
  }

  /** The server has just gone; nobody has been able to log in for long. */
  static Snapshot stopped() {
    Snapshot restored = restored();
    StatusBuilder status =
        new StatusBuilder(
            restored.instance(),
            Optional.of(RestoreSource.problem(Reason.RESTORING, "")),
            Pods.NOW.minusSeconds(3600));
    status.condition(ConditionType.AVAILABLE, false, Reason.RESTORING, "");
    Snapshot away = Snapshots.withStatus(restored, status.build());
    return away.with(statefulSet(away, 0));
  }

  /** The condition that the feature reports. */
  static Optional<Condition> condition(Snapshot snapshot) {
    ProblemLog log = new ProblemLog();
    FEATURE.assess(input(snapshot), log);
    StatusBuilder status = new StatusBuilder(snapshot.instance(), Optional.empty(), Pods.NOW);
    FEATURE.report(
        new Observation(snapshot, new LoginResult.Pending(), log.problems(), log.notes()),
        Pods.NOW,
        status);
    return status.build().condition(ConditionType.RESTORED_IN_PLACE);
  }
}
