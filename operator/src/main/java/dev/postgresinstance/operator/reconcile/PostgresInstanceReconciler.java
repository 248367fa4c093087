package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.CacheReadiness;
import dev.postgresinstance.operator.kubernetes.CompressedItemStore;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.EventRecorder;
import dev.postgresinstance.operator.kubernetes.Informers;
import dev.postgresinstance.operator.kubernetes.LenientDecoding;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.management.OperatorMetrics;
import dev.postgresinstance.operator.reconcile.InstanceStatus.Observation;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Transitions;
import dev.postgresinstance.operator.sql.LoginMonitor;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sequence of a pass: read, apply, say. What should be and what is said are decided elsewhere.
 */
public final class PostgresInstanceReconciler
    implements Reconciler<PostgresInstance>, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PostgresInstanceReconciler.class);

  /** What the API server answers to another resource version or another uid. */
  private static final Set<Integer> NOT_WHAT_WAS_READ = Set.of(409, 422);

  /**
   * How many objects are listed at a time. A thousand ConfigMaps, each with the start script, would
   * take more memory than the operator has. With a limit the client also asks for what is most
   * recent; without one its first list may be as old as what an API server remembers.
   */
  public static final long PAGE = 250;

  private final PostgresImages images;
  private final boolean byNodePort;
  private final PermissionTracker rights;
  private final OperatorMetrics metrics;
  private final LoginMonitor<ResourceID> logins;
  private Informers sources;
  private CacheReadiness caches;
  private ConditionalApply apply;
  private EventRecorder events;

  /**
   * A reconciler, ready to be registered.
   *
   * @param images which image serves a major version
   * @param byNodePort whether databases are reached by node port, from outside the cluster
   * @param mayAct whether this process may change anything now
   * @param rights those that the client was refused
   * @param metrics is told of logins and what they find
   */
  public PostgresInstanceReconciler(
      PostgresImages images,
      boolean byNodePort,
      BooleanSupplier mayAct,
      PermissionTracker rights,
      OperatorMetrics metrics) {
    this.images = images;
    this.byNodePort = byNodePort;
    this.rights = rights;
    this.metrics = metrics;
    this.logins =
        new LoginMonitor<>(
            instance -> sources.requestReconciliation(instance), mayAct, this::login);
  }

  /** For the one informer of all instances: they take less memory in it. */
  public static ItemStore<PostgresInstance> store(KubernetesSerialization json) {
    return new CompressedItemStore<>(PostgresInstance.class, json, true);
  }

  @Override
  public List<EventSource<?, PostgresInstance>> prepareEventSources(
      EventSourceContext<PostgresInstance> context) {
    sources = new Informers(context);
    apply = new ConditionalApply(context.getClient(), sources);
    events = new EventRecorder(context.getClient(), rights::explain);
    List<EventSource<?, PostgresInstance>> all = sources.all();
    caches = new CacheReadiness(all, rights);
    return all;
  }

  @Override
  public UpdateControl<PostgresInstance> reconcile(
      PostgresInstance instance, Context<PostgresInstance> context) {
    return LogContext.about(
        ResourceID.fromResource(instance), () -> attempt(instance, context, Instant.now()));
  }

  private UpdateControl<PostgresInstance> attempt(
      PostgresInstance instance, Context<PostgresInstance> context, Instant now) {
    try {
      return sources
          .latest(instance)
          .map(latest -> serve(latest, context, now))
          .orElseGet(UpdateControl::noUpdate);
    } catch (KubernetesClientException e) { // another try is all that it needs
      if (!rights.explain(e)) {
        log.info("tried again soon: {}", Abort.words(e));
      }
      throw e;
    } catch (RuntimeException | Error e) { // what is not caught here is never tried again
      log.error("the pass failed", e);
      say(instance, InstanceStatus.unread(instance, OperatorProblems.failed(e), now), context, now);
      throw new IllegalStateException("The pass failed", e);
    }
  }

  private UpdateControl<PostgresInstance> serve(
      PostgresInstance instance, Context<PostgresInstance> context, Instant now) {
    Optional<Problem> invalid =
        LenientDecoding.invalid(instance).map(OperatorProblems::notUnderstood);
    if (invalid.isPresent()) {
      return say(instance, InstanceStatus.unread(instance, invalid.get(), now), context, now);
    }
    Snapshot snapshot;
    try {
      caches.require(instance.getMetadata().getNamespace());
      snapshot = sources.read(instance);
      if (snapshot.lacksChildren() && !sources.exists(instance)) {
        return UpdateControl.noUpdate(); // its children are gone because it is
      }
    } catch (Abort e) {
      Problem problem = new Problem(e.reason(), e.getMessage());
      return say(instance, InstanceStatus.unread(instance, problem, now), context, now);
    } catch (KubernetesClientException e) {
      if (!Abort.isLasting(e)) {
        throw e;
      }
      Problem problem = ApiProblems.of(Abort.words(e));
      return say(instance, InstanceStatus.unread(instance, problem, now), context, now);
    }
    return say(instance, InstanceStatus.of(pass(snapshot, now, context), now), context, now);
  }

  private Observation pass(Snapshot snapshot, Instant now, Context<PostgresInstance> context) {
    ResourceID key = ResourceID.fromResource(snapshot.instance());
    Reconciliation pass =
        new Reconciliation(
            sources, apply, images, context, snapshot, wish -> logins.wish(key, wish));
    try {
      return pass.run(() -> login(snapshot, now), Credentials::random, now);
    } finally {
      events.record(snapshot.instance(), pass.actions());
    }
  }

  /** Writes the status and tells what has changed, if anything has. */
  private UpdateControl<PostgresInstance> say(
      PostgresInstance instance,
      PostgresInstanceStatus status,
      Context<PostgresInstance> context,
      Instant now) {
    if (Requeue.isNews(instance.getStatus(), status, now)) {
      try {
        write(instance, status, context);
      } catch (KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
          return UpdateControl.noUpdate(); // it has been deleted meanwhile
        }
        if (NOT_WHAT_WAS_READ.contains(e.getCode())) {
          sources.live(instance).ifPresent(live -> remember(live, instance, context));
        }
        throw e;
      }
      events.record(instance, Transitions.of(instance.getStatus(), status));
    }
    return UpdateControl.<PostgresInstance>noUpdate()
        .rescheduleAfter(Requeue.untilNextPass(status, now));
  }

  private static void write(
      PostgresInstance instance, PostgresInstanceStatus status, Context<PostgresInstance> context) {
    PostgresInstance written =
        context
            .getClient()
            .resource(withStatus(instance, status))
            .subresource("status")
            .patch(ConditionalApply.SERVER_SIDE_APPLY);
    // Compared with an older status the next might seem to be there.
    remember(written, instance, context);
  }

  /** Has the next pass read it, however late the API server tells of it. */
  private static void remember(
      PostgresInstance object, PostgresInstance before, Context<PostgresInstance> context) {
    context
        .eventSourceRetriever()
        .getControllerEventSource()
        .handleRecentResourceUpdate(ResourceID.fromResource(object), object, before);
  }

  @Override
  public void close() {
    logins.close();
    if (events != null) {
      events.close();
    }
  }

  private LoginResult login(Snapshot snapshot, Instant now) {
    ResourceID key = ResourceID.fromResource(snapshot.instance());
    Optional<LoginRequest> request = LoginRequests.of(snapshot, byNodePort, now);
    if (request.isEmpty()) {
      logins.forget(key);
    }
    return request.map(r -> logins.last(key, r)).orElseGet(LoginResult.Pending::new);
  }

  private LoginResult login(ResourceID instance, Supplier<LoginResult> check) {
    Instant start = Instant.now();
    LoginResult result = LogContext.about(instance, check);
    metrics.login(Duration.between(start, Instant.now()), result.getClass().getSimpleName());
    result
        .findings()
        .volume()
        .ifPresent(volume -> metrics.volume(instance, volume.used(), volume.volume()));
    return result;
  }

  /** The instances as the cache has them. */
  public Stream<PostgresInstance> instances() {
    return sources == null ? Stream.empty() : sources.instances();
  }

  /** An event about no instance: it goes the way of all events, and starts no pass. */
  public void beat() {
    sources.requestReconciliation(new ResourceID("-"));
  }

  /** Only what a status patch may hold, and what it was decided of. */
  private static PostgresInstance withStatus(
      PostgresInstance instance, PostgresInstanceStatus status) {
    PostgresInstance patch = new PostgresInstance();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withName(instance.getMetadata().getName())
            .withNamespace(instance.getMetadata().getNamespace())
            .withUid(instance.getMetadata().getUid())
            .withResourceVersion(instance.getMetadata().getResourceVersion())
            .build());
    patch.setStatus(status);
    return patch;
  }
}
