package dev.postgresinstance.operator.reconcile.backup;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.InstanceReference;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.backup.job.BackupDecision;
import dev.postgresinstance.operator.feature.backup.job.BackupFacts;
import dev.postgresinstance.operator.feature.backup.job.BackupJob;
import dev.postgresinstance.operator.feature.backup.job.BackupReport;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.feature.backup.record.Backup;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Surroundings;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import dev.postgresinstance.operator.kubernetes.ConditionalStatus;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.kubernetes.cache.LenientDecoding;
import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.reconcile.ClusterAccess;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a PostgresBackup, does what was decided, and reports the result. */
public final class PostgresBackupReconciler implements Reconciler<PostgresBackup> {

  private static final Logger log = LoggerFactory.getLogger(PostgresBackupReconciler.class);

  /** Events report nearly everything that a backup waits for, see {@code Informers}. */
  private static final Duration WHILE_WAITING = Duration.ofSeconds(60);

  /** Only Events of Kubernetes, which nobody watches, tell why a pod is not created. */
  private static final Duration WHILE_RUNNING = Duration.ofSeconds(15);

  private final Supplier<ClusterAccess> access;
  private final Optional<String> operatorImage;
  private final PermissionTracker permissions;

  /**
   * Creates a reconciler, to be registered with the framework after that of instances.
   *
   * @param access the caches of the reconciler of instances
   * @param operatorImage image of this operator; empty when it is not known
   * @param permissions tracks missing permissions
   */
  public PostgresBackupReconciler(
      Supplier<ClusterAccess> access,
      Optional<String> operatorImage,
      PermissionTracker permissions) {
    this.access = access;
    this.operatorImage = operatorImage;
    this.permissions = permissions;
  }

  @Override
  public List<EventSource<?, PostgresBackup>> prepareEventSources(
      EventSourceContext<PostgresBackup> context) {
    return List.of(access.get().informers().backupRequests());
  }

  @Override
  public UpdateControl<PostgresBackup> reconcile(
      PostgresBackup backup, Context<PostgresBackup> context) {
    return LogContext.about(
        ResourceID.fromResource(backup), () -> reconcile(backup, context, Instant.now()));
  }

  private UpdateControl<PostgresBackup> reconcile(
      PostgresBackup backup, Context<PostgresBackup> context, Instant now) {
    try {
      return access
          .get()
          .reader()
          .latest(backup)
          .map(latest -> reconcileLatest(latest, context, now))
          .orElseGet(UpdateControl::noUpdate);
    } catch (KubernetesClientException e) { // temporary: the framework retries
      if (!permissions.explain(e)) {
        log.info("Reconciliation failed, retrying soon: {}", ApiErrors.message(e));
      }
      throw e;
    } catch (RuntimeException | Error e) { // the framework would never retry an Error
      log.error("Reconciliation failed", e);
      throw new IllegalStateException("Reconciliation failed", e);
    }
  }

  private UpdateControl<PostgresBackup> reconcileLatest(
      PostgresBackup backup, Context<PostgresBackup> context, Instant now) {
    if (new Backup(backup).isFinal()) {
      BackupReport.verified(backup, archive(backup))
          .ifPresent(status -> write(backup, status, context));
      return UpdateControl.noUpdate();
    }
    BackupDecision decision = apply(decide(backup, now), context);
    BackupReport.status(backup, decision, now)
        .filter(status -> !status.equals(backup.getStatus()))
        .ifPresent(status -> report(backup, status, context));
    return switch (decision) {
      case BackupDecision.Wait wait ->
          UpdateControl.<PostgresBackup>noUpdate().rescheduleAfter(WHILE_WAITING);
      case BackupDecision.Start start ->
          UpdateControl.<PostgresBackup>noUpdate().rescheduleAfter(WHILE_RUNNING);
      case BackupDecision.Run run ->
          UpdateControl.<PostgresBackup>noUpdate().rescheduleAfter(WHILE_RUNNING);
      default -> UpdateControl.noUpdate();
    };
  }

  /** What the instance says about its archive; empty when there is no such instance. */
  private Optional<BackupStatus> archive(PostgresBackup backup) {
    return Optional.ofNullable(backup.getSpec())
        .map(PostgresBackupSpec::instanceRef)
        .map(InstanceReference::name)
        .flatMap(
            name -> access.get().reader().cachedInstance(name, backup.getMetadata().getNamespace()))
        .map(PostgresInstance::getStatus)
        .map(PostgresInstanceStatus::backup);
  }

  private BackupDecision decide(PostgresBackup backup, Instant now) {
    Optional<String> instance =
        Optional.ofNullable(backup.getSpec())
            .map(PostgresBackupSpec::instanceRef)
            .map(InstanceReference::name);
    if (instance.isEmpty()) {
      return new BackupDecision.Wait(
          notUnderstood(LenientDecoding.invalid(backup).orElse("spec.instanceRef.name")));
    }
    try {
      access.get().readiness().require(backup.getMetadata().getNamespace());
    } catch (Abort e) {
      return new BackupDecision.Wait(e.problem().message());
    }
    return decide(backup, instance.get(), now);
  }

  private BackupDecision decide(PostgresBackup backup, String instanceName, Instant now) {
    String namespace = backup.getMetadata().getNamespace();
    Optional<PostgresInstance> instance = access.get().reader().instance(instanceName, namespace);
    Optional<String> invalid = instance.flatMap(LenientDecoding::invalid);
    if (invalid.isPresent()) {
      return new BackupDecision.Wait(
          "PostgresInstance %s: %s".formatted(instanceName, notUnderstood(invalid.get())));
    }
    Surroundings surroundings = access.get().reader().surroundings(instanceName, namespace);
    return new BackupFacts(
            backup,
            instance.map(access.get().reader()::read),
            access
                .get()
                .reader()
                .job(BackupJob.name(backup), namespace)
                .map(job -> run(job, surroundings, now)),
            surroundings.backups(),
            operatorImage)
        .decide(now);
  }

  private JobRun run(Job job, Surroundings surroundings, Instant now) {
    List<Pod> pods = surroundings.ofJob(job.getMetadata().getName());
    JobRun run = new JobRun(job, pods, SchedulingEvidence.NONE);
    if (run.isComplete() || run.isFailed()) {
      return run;
    }
    List<Pod> active = pods.stream().filter(JobRun::isActive).toList();
    return new JobRun(job, pods, access.get().reader().evidence(job, active, now));
  }

  private static String notUnderstood(String field) {
    return "This version of the operator cannot read %s. The backup starts when the field has a value that this version knows, or when a newer operator runs."
        .formatted(field);
  }

  /** Does what was decided; what the API server rejects is a reason to wait. */
  private BackupDecision apply(BackupDecision decision, Context<PostgresBackup> context) {
    try {
      switch (decision) {
        case BackupDecision.Start(Job job) ->
            access.get().apply().apply(job, Optional.empty(), context);
        case BackupDecision.Complete complete ->
            complete
                .outdated()
                .forEach(
                    old ->
                        access
                            .get()
                            .apply()
                            .delete(old, "the retention has deleted it from the archive"));
        case BackupDecision.Fail fail ->
            fail.leftover()
                .ifPresent(job -> access.get().apply().delete(job, "it would never end"));
        default -> {}
      }
      return decision;
    } catch (Abort e) {
      return new BackupDecision.Wait(e.problem().message());
    } catch (KubernetesClientException e) {
      if (!(decision instanceof BackupDecision.Start) || !ApiErrors.isPermanent(e)) {
        throw e;
      }
      return new BackupDecision.Wait(ApiProblems.of(ApiErrors.message(e)).message());
    }
  }

  private void report(
      PostgresBackup backup, PostgresBackupStatus status, Context<PostgresBackup> context) {
    if (write(backup, status, context)) {
      access.get().events().record(backup, BackupReport.event(status).stream().toList());
    }
  }

  /** Writes the status; false when the backup has changed meanwhile. */
  private boolean write(
      PostgresBackup backup, PostgresBackupStatus status, Context<PostgresBackup> context) {
    PostgresBackup patch = new PostgresBackup();
    patch.setMetadata(ConditionalStatus.metadata(backup));
    patch.setStatus(status);
    return new ConditionalStatus<>(context, () -> access.get().reader().live(backup))
        .write(backup, patch)
        .isPresent();
  }
}
