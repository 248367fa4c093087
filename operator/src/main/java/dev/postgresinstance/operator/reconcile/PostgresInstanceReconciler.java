package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.EventRecorder;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.kubernetes.cache.CacheReadiness;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.LenientDecoding;
import dev.postgresinstance.operator.kubernetes.cache.SnapshotReader;
import dev.postgresinstance.operator.kubernetes.cluster.ContainerLogs;
import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.management.OperatorMetrics;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.sql.LoginMonitor;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.LoginResult;
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
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The entry point of the framework: reads an instance, reconciles it, and reports the result. */
public final class PostgresInstanceReconciler
    implements Reconciler<PostgresInstance>, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PostgresInstanceReconciler.class);

  private final Features features;
  private final boolean byNodePort;
  private final PermissionTracker permissions;
  private final OperatorMetrics metrics;
  private final LoginMonitor<ResourceID> logins;

  private final LastChange lastChange = new LastChange();

  /** Completed when the framework has provided the caches, before it starts a reconciliation. */
  private final CompletableFuture<Engine> engine = new CompletableFuture<>();

  /**
   * Creates a reconciler, to be registered with the framework.
   *
   * @param images the image of each major version
   * @param operatorImage the image of this operator; empty when it is not known
   * @param byNodePort whether databases are reached by node port, from outside the cluster
   * @param mayAct whether this process may change anything now
   * @param permissions tracks missing permissions
   * @param metrics records logins and the use of volumes
   */
  public PostgresInstanceReconciler(
      PostgresImages images,
      Optional<String> operatorImage,
      boolean byNodePort,
      BooleanSupplier mayAct,
      PermissionTracker permissions,
      OperatorMetrics metrics) {
    this.features = Features.of(images, operatorImage);
    this.byNodePort = byNodePort;
    this.permissions = permissions;
    this.metrics = metrics;
    this.logins =
        new LoginMonitor<>(
            instance -> engine.join().informers().requestReconciliation(instance),
            mayAct,
            this::login);
  }

  @Override
  public List<EventSource<?, PostgresInstance>> prepareEventSources(
      EventSourceContext<PostgresInstance> context) {
    Informers informers = new Informers(context);
    List<EventSource<?, PostgresInstance>> sources = informers.eventSources();
    engine.complete(
        new Engine(
            features,
            informers,
            new CacheReadiness(sources, permissions),
            new SnapshotReader(context.getClient(), informers),
            new ContainerLogs(context.getClient()),
            new ConditionalApply(context.getClient(), informers),
            new EventRecorder(context.getClient(), permissions::explain)));
    return sources;
  }

  @Override
  public UpdateControl<PostgresInstance> reconcile(
      PostgresInstance instance, Context<PostgresInstance> context) {
    return LogContext.about(
        ResourceID.fromResource(instance),
        () -> reconcile(instance, new StatusWriter(engine.join(), context), context));
  }

  private UpdateControl<PostgresInstance> reconcile(
      PostgresInstance instance, StatusWriter status, Context<PostgresInstance> context) {
    Instant now = Instant.now();
    try {
      return engine
          .join()
          .reader()
          .latest(instance)
          .map(latest -> reconcileLatest(latest, status, context, now))
          .orElseGet(UpdateControl::noUpdate);
    } catch (KubernetesClientException e) { // temporary: the framework retries
      if (!permissions.explain(e)) {
        log.info("Reconciliation failed, retrying soon: {}", ApiErrors.message(e));
      }
      throw e;
    } catch (RuntimeException | Error e) { // the framework would never retry an Error
      log.error("Reconciliation failed", e);
      reportUnread(status, instance, OperatorProblems.failed(e), now);
      throw new IllegalStateException("Reconciliation failed", e);
    }
  }

  private UpdateControl<PostgresInstance> reconcileLatest(
      PostgresInstance instance,
      StatusWriter status,
      Context<PostgresInstance> context,
      Instant now) {
    Optional<Snapshot> snapshot;
    try {
      snapshot = read(instance);
    } catch (Abort e) {
      return reportUnread(status, instance, e.problem(), now);
    } catch (KubernetesClientException e) {
      if (!ApiErrors.isPermanent(e)) {
        throw e;
      }
      Problem problem = ApiProblems.of(ApiErrors.message(e)).ranked(Rank.STOPPED);
      return reportUnread(status, instance, problem, now);
    }
    if (snapshot.isEmpty()) {
      return UpdateControl.noUpdate(); // the children are gone because the instance is
    }
    ReconciliationResult result =
        new Reconciliation(engine.join(), context, snapshot.get(), now).run(this::lastLogin);
    apply(instance, result);
    Observation observation = result.observation();
    PostgresInstanceStatus next = InstanceStatus.of(observation, features.all(), now);
    Instant changed = lastChange.of(observation, now);
    Duration delay = Requeue.delay(next, observation.snapshot(), changed, now);
    UpdateControl<PostgresInstance> control = report(status, instance, next, now, delay);
    engine.join().continueBackups(snapshot.get(), next);
    engine.join().continueClones(snapshot.get());
    return control;
  }

  private static UpdateControl<PostgresInstance> reportUnread(
      StatusWriter writer, PostgresInstance instance, Problem problem, Instant now) {
    PostgresInstanceStatus status = InstanceStatus.unread(instance, problem, now);
    return report(writer, instance, status, now, Requeue.delayIfUnread(status, now));
  }

  /** Reads the instance; empty when it was deleted meanwhile. */
  private Optional<Snapshot> read(PostgresInstance instance) {
    LenientDecoding.invalid(instance)
        .map(OperatorProblems::notUnderstood)
        .ifPresent(
            problem -> {
              throw new Abort(problem);
            });
    engine.join().readiness().require(instance.getMetadata().getNamespace());
    Snapshot snapshot = engine.join().reader().read(instance);
    return snapshot.lacksChildren() && !engine.join().reader().exists(instance)
        ? Optional.empty()
        : Optional.of(snapshot);
  }

  /** Handles a result, apart from the status. */
  private void apply(PostgresInstance instance, ReconciliationResult result) {
    ResourceID key = ResourceID.fromResource(instance);
    engine.join().events().record(instance, result.actions());
    result.requests().forEach(request -> logins.request(key, request));
    if (result.reconcileAgain()) {
      engine.join().informers().requestReconciliation(key);
    }
    if (result.failure().isPresent()) {
      throw result.failure().get();
    }
  }

  /** Reports the status, and plans the next reconciliation. */
  private static UpdateControl<PostgresInstance> report(
      StatusWriter writer,
      PostgresInstance instance,
      PostgresInstanceStatus status,
      Instant now,
      Duration delay) {
    return writer.report(instance, status, now)
        ? UpdateControl.<PostgresInstance>noUpdate().rescheduleAfter(delay)
        : UpdateControl.noUpdate();
  }

  private LoginResult lastLogin(ReconcileInput input) {
    ResourceID key = ResourceID.fromResource(input.snapshot().instance());
    Optional<LoginRequest> request = LoginRequests.of(input, features.all(), byNodePort);
    if (request.isEmpty()) {
      logins.forget(key);
    }
    return request.map(r -> logins.lastResult(key, r)).orElseGet(LoginResult.Pending::new);
  }

  private LoginResult login(ResourceID instance, Supplier<LoginResult> login) {
    Instant start = Instant.now();
    LoginResult result = LogContext.about(instance, login);
    metrics.login(Duration.between(start, Instant.now()), result.metricLabel());
    LoginMetrics.record(metrics, instance, result.findings());
    return result;
  }

  /** What the reconcilers of other kinds use as well, once this one is registered. */
  public ClusterAccess access() {
    return engine.join();
  }

  /** Ends the logins, and writes the queued Events. */
  @Override
  public void close() {
    logins.close();
    if (engine.isDone()) {
      engine.join().events().close();
    }
  }
}
