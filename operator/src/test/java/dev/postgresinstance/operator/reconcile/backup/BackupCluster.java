package dev.postgresinstance.operator.reconcile.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.EventRecorder;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.kubernetes.cache.CacheReadiness;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.JosdkWithoutOperator;
import dev.postgresinstance.operator.kubernetes.cache.SnapshotReader;
import dev.postgresinstance.operator.reconcile.ClusterAccess;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.reconciler.DefaultContext;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.Controller;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A mock API server with the objects of a story, and a reconciler whose caches have them. */
final class BackupCluster implements AutoCloseable {

  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  private final MockApiServer api;
  private final JosdkWithoutOperator josdk;
  private final EventRecorder events;
  private final List<EventSource<?, ?>> started = new ArrayList<>();
  private final PostgresBackupReconciler reconciler;
  private final Controller<PostgresBackup> controller;

  private record Access(
      Informers informers,
      CacheReadiness readiness,
      SnapshotReader reader,
      ConditionalApply apply,
      EventRecorder events)
      implements ClusterAccess {}

  /** Starts the caches with these objects. */
  BackupCluster(MockApiServer api, Optional<String> operatorImage, List<HasMetadata> objects) {
    this.api = api;
    this.josdk = new JosdkWithoutOperator(api.client());
    this.events = new EventRecorder(api.client(), failure -> false);
    Informers informers = josdk.informers();
    answerLists(objects);
    start(josdk.context().eventSourceRetriever().getControllerEventSource());
    informers.eventSources().forEach(this::start);
    Access access =
        new Access(
            informers,
            new CacheReadiness(informers.eventSources(), new PermissionTracker()),
            josdk.reader(),
            new ConditionalApply(api.client(), informers),
            events);
    this.reconciler =
        new PostgresBackupReconciler(() -> access, operatorImage, new PermissionTracker());
    this.controller = register();
    start(controller.getEventSourceManager().getControllerEventSource());
  }

  private Controller<PostgresBackup> register() {
    Operator operator =
        new Operator(
            (ConfigurationServiceOverrider overrider) -> {
              overrider.withKubernetesClient(api.client());
              overrider.withCloseClientOnStop(false);
              overrider.withInformerStoppedHandler((informer, e) -> {});
            });
    return (Controller<PostgresBackup>) operator.register(reconciler);
  }

  private void start(EventSource<?, ?> source) {
    source.start();
    started.add(source);
  }

  /** The instance, its children and its pod, as a list. */
  static List<HasMetadata> objects(Snapshot snapshot, HasMetadata... others) {
    List<HasMetadata> objects = new ArrayList<>(snapshot.objects().values());
    objects.add(snapshot.instance());
    objects.addAll(List.of(others));
    objects.stream()
        .map(HasMetadata::getMetadata)
        .filter(metadata -> metadata.getResourceVersion() == null)
        .forEach(metadata -> metadata.setResourceVersion("5"));
    return objects;
  }

  private void answerLists(List<HasMetadata> objects) {
    List<Class<? extends HasMetadata>> kinds =
        List.of(
            Service.class,
            PersistentVolumeClaim.class,
            Secret.class,
            ConfigMap.class,
            StatefulSet.class,
            Job.class,
            Pod.class,
            PostgresInstance.class,
            PostgresBackup.class);
    String selector = "labelSelector=" + Labels.SELECTOR.replace("/", "%2F").replace("=", "%3D");
    for (Class<? extends HasMetadata> kind : kinds) {
      List<HasMetadata> items = objects.stream().filter(kind::isInstance).toList();
      boolean isOurs = HasMetadata.getGroup(kind).equals(PostgresInstance.GROUP);
      answer(path(kind) + "?" + (isOurs ? "" : selector + "&") + "limit=500", items);
      watch(path(kind), isOurs ? "" : selector + "&");
      // Our own controllers list without a limit, as they are registered here.
      answer(path(kind) + "?resourceVersion=0", items);
    }
    // Other children of the instance are in no cache, and do not exist either.
    Stream.of(Service.class, ConfigMap.class, StatefulSet.class)
        .forEach(
            kind ->
                Stream.of("orders", "orders-config", "orders-backup")
                    .forEach(name -> answerByName(kind, name, Optional.empty())));
    String watched = "labelSelector=postgresinstance.dev%2Fwatch%3Dtrue&";
    answer(path(Secret.class) + "?" + watched + "limit=500", List.of());
    watch(path(Secret.class), watched);
  }

  private static String path(Class<? extends HasMetadata> kind) {
    String version = HasMetadata.getApiVersion(kind);
    return "/%s/%s/%s"
        .formatted(version.contains("/") ? "apis" : "api", version, HasMetadata.getPlural(kind));
  }

  private void watch(String path, String selector) {
    api.server()
        .expect()
        .get()
        .withPath(
            path
                + "?allowWatchBookmarks=true&"
                + selector
                + "resourceVersion=1&timeoutSeconds=600&watch=true")
        .andUpgradeToWebSocket()
        .open()
        .done()
        .always();
  }

  private void answer(String path, List<? extends HasMetadata> items) {
    api.server()
        .expect()
        .get()
        .withPath(path)
        .andReturn(
            200, JSON.asJson(Map.of("metadata", Map.of("resourceVersion", "1"), "items", items)))
        .always();
  }

  /** What the API server has for an object that is not in a cache. */
  void answerByName(
      Class<? extends HasMetadata> kind, String name, Optional<? extends HasMetadata> object) {
    answer(
        path(kind).replaceFirst("/([a-z]+)$", "/namespaces/shop/$1")
            + "?fieldSelector=metadata.name%3D"
            + name,
        object.stream().toList());
  }

  MockApiServer api() {
    return api;
  }

  UpdateControl<PostgresBackup> reconcile(PostgresBackup backup) {
    return reconciler.reconcile(
        backup, new DefaultContext<>(null, controller, backup, false, false));
  }

  /** All requests that change something, in their order. */
  List<RecordedRequest> writes() {
    events.close(); // writes what is queued
    try {
      List<RecordedRequest> writes = new ArrayList<>();
      for (int left = api.server().getRequestCount(); left > 0; left--) {
        RecordedRequest request = api.server().takeRequest(1, TimeUnit.MINUTES);
        assertThat(request).isNotNull();
        if (!request.getMethod().equals("GET")) {
          writes.add(request);
        }
      }
      return writes;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    started.forEach(EventSource::stop);
    events.close();
  }
}
