package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.backup.job.BackupReport;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.instance.PreviousStatus;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.EventRecorder;
import dev.postgresinstance.operator.kubernetes.cache.CacheReadiness;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.SnapshotReader;
import dev.postgresinstance.operator.kubernetes.cluster.ContainerLogs;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What every reconciliation uses; created when the framework has provided its caches.
 *
 * @param features the capabilities of the operator
 * @param informers the caches
 * @param readiness whether the caches can be trusted
 * @param reader reads snapshots
 * @param logs reads the logs of containers
 * @param apply writes objects
 * @param events writes Events
 */
record Engine(
    Features features,
    Informers informers,
    CacheReadiness readiness,
    SnapshotReader reader,
    ContainerLogs logs,
    ConditionalApply apply,
    EventRecorder events)
    implements ClusterAccess {

  /**
   * Reconciles the backups that may have waited for what has changed in the instance.
   *
   * @param status its new status, which may tell that one was verified
   */
  void continueBackups(Snapshot snapshot, PostgresInstanceStatus status) {
    Optional<BackupStatus> archive = Optional.ofNullable(status.backup());
    snapshot.surroundings().backups().stream()
        .filter(
            backup ->
                !new Backup(backup).isFinal() || BackupReport.verified(backup, archive).isPresent())
        .forEach(informers::requestReconciliation);
  }

  /**
   * Reconciles the clones that may have waited for what has changed in the instance. An instance
   * without data has nothing for them: two instances that name each other do not call each other.
   */
  void continueClones(Snapshot snapshot) {
    if (snapshot.previousStatus().isTrue(ConditionType.INITIALIZED)) {
      informers
          .clonesOf(snapshot.instance())
          .filter(clone -> !PreviousStatus.of(clone).isTrue(ConditionType.INITIALIZED))
          .map(ResourceID::fromResource)
          .forEach(informers::requestReconciliation);
    }
  }

  /** The questions of one reconciliation. */
  ReconcileInput.ClusterQueries queries() {
    return new Queries(this, new HashMap<>(), new HashMap<>(), new HashMap<>());
  }

  private record Queries(
      Engine engine,
      Map<String, Optional<Rejection>> rejections,
      Map<String, Optional<Secret>> secrets,
      Map<String, String> logs)
      implements ReconcileInput.ClusterQueries {

    @Override
    public Optional<Service> holderOfNodePort(int port) {
      return engine.informers.holderOfNodePort(port);
    }

    @Override
    public Optional<Secret> secret(String namespace, String name) {
      return secrets.computeIfAbsent(
          namespace + "/" + name, key -> engine.reader.secret(namespace, name));
    }

    @Override
    public boolean isCurrent(Secret secret) {
      return engine.reader.isCurrent(secret);
    }

    @Override
    public String log(Pod pod, String container) {
      return logs.computeIfAbsent(
          pod.getMetadata().getUid() + "/" + container, key -> engine.logs.read(pod, container));
    }

    @Override
    public <T extends HasMetadata> Optional<Rejection> rejection(T desired, Optional<T> actual) {
      return rejections.computeIfAbsent(
          desired.getFullResourceName() + "/" + desired.getMetadata().getName(),
          object -> engine.apply.rejection(desired, actual));
    }
  }
}
