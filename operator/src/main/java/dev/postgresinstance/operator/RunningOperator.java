package dev.postgresinstance.operator;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.kubernetes.LenientDecoding;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.management.HealthServer;
import dev.postgresinstance.operator.management.Liveness;
import dev.postgresinstance.operator.management.OperatorMetrics;
import dev.postgresinstance.operator.reconcile.PostgresInstanceReconciler;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator while it serves. */
public final class RunningOperator implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RunningOperator.class);
  private static final int PASSES_AT_ONCE = 8;
  private static final Duration STOP = Duration.ofSeconds(5);

  /** So long the start waits for each cache. One that is filled later holds up its own alone. */
  private static final Duration FILL = Duration.ofSeconds(5);

  private final KubernetesClient client;
  private final Optional<Leadership> leadership;
  private final PermissionTracker rights = new PermissionTracker();
  private final OperatorMetrics metrics = new OperatorMetrics();
  private final Liveness liveness = new Liveness(metrics::longestPass);
  private final HealthServer health;
  private final PostgresInstanceReconciler reconciler;
  final Operator operator;

  private RunningOperator(
      OperatorConfig config,
      Config cluster,
      Consumer<HttpClient.Builder> http,
      Consumer<String> onFatal) {
    this.health = HealthServer.start(config.healthPort(), liveness::isAlive, metrics::scrape);
    this.leadership =
        config.lease().map(lease -> new Leadership(lease, config.identity(), onFatal));
    this.client = client(cluster, http);
    this.reconciler =
        new PostgresInstanceReconciler(
            config.images(),
            config.databasesByNodePort(),
            () -> leadership.map(Leadership::holds).orElse(true),
            rights,
            metrics);
    metrics.count(reconciler::instances);
    this.operator =
        new Operator((ConfigurationServiceOverrider framework) -> configure(framework, onFatal));
    operator.register(
        reconciler,
        (ControllerConfigurationOverrider<PostgresInstance> controller) ->
            configure(controller, config));
  }

  static RunningOperator start(
      OperatorConfig config,
      Config cluster,
      Consumer<HttpClient.Builder> http,
      Consumer<String> onFatal) {
    log.info("configuration: {}", config);
    RunningOperator running = new RunningOperator(config, cluster, http, onFatal);
    try {
      StartupCheck.await(running.client, config);
      running.operator.start();
    } catch (RuntimeException e) {
      running.close();
      throw e;
    }
    running.liveness.watch(running.reconciler::beat);
    running.health.ready();
    log.info("serving {}", running.client.getMasterUrl());
    return running;
  }

  private KubernetesClient client(Config cluster, Consumer<HttpClient.Builder> http) {
    return new KubernetesClientBuilder()
        .withConfig(cluster)
        .withKubernetesSerialization(LenientDecoding.serialization())
        .withHttpClientBuilderConsumer(
            builder -> {
              leadership.ifPresent(lease -> builder.addOrReplaceInterceptor("lease", lease));
              builder.addOrReplaceInterceptor("rights", rights);
              http.accept(builder);
            })
        .build();
  }

  private void configure(ConfigurationServiceOverrider framework, Consumer<String> onFatal) {
    framework.withKubernetesClient(client);
    framework.withMetrics(metrics);
    framework.withCloseClientOnStop(false);
    framework.withConcurrentReconciliationThreads(PASSES_AT_ONCE);
    framework.withReconciliationTerminationTimeout(STOP);
    leadership.map(Leadership::election).ifPresent(framework::withLeaderElectionConfiguration);
    // A right that is missing in one namespace keeps no other from being served; the informer goes
    // on asking, and no pass trusts its cache meanwhile.
    framework.withStopOnInformerErrorDuringStartup(false);
    framework.withCacheSyncTimeout(FILL);
    // Its cache would be that of this moment for ever.
    framework.withInformerStoppedHandler(
        (informer, failure) -> {
          if (failure != null) {
            onFatal.accept("the watch of %s has ended: %s".formatted(informer, failure));
          }
        });
  }

  private void configure(
      ControllerConfigurationOverrider<PostgresInstance> controller, OperatorConfig config) {
    controller.withFieldManager(Labels.MANAGER);
    // By annotation, too, a person asks for something, and those do not count as a new generation.
    controller.withGenerationAware(false);
    controller.withOnUpdateFilter(RunningOperator::isAsked);
    controller.withRetry(new Backoff());
    controller.withInformerListLimit(PostgresInstanceReconciler.PAGE);
    if (config.watchNamespaces().isEmpty()) {
      controller.withItemStore(
          PostgresInstanceReconciler.store(client.getKubernetesSerialization()));
    } else {
      // Their informers would share a store, and take each other's instances out.
      controller.settingNamespaces(config.watchNamespaces());
    }
  }

  /** The one before may be another one: its deletion is not told after a gap in the watch. */
  private static boolean isAsked(PostgresInstance next, PostgresInstance before) {
    return Stream.<Function<ObjectMeta, Object>>of(
            ObjectMeta::getUid, ObjectMeta::getGeneration, ObjectMeta::getAnnotations)
        .anyMatch(
            part ->
                !Objects.equals(part.apply(next.getMetadata()), part.apply(before.getMetadata())));
  }

  /** Where {@code /livez}, {@code /readyz} and {@code /metrics} answer. */
  public int healthPort() {
    return health.port();
  }

  /** Stops to serve; databases go on. Ends within seconds. */
  @Override
  public void close() {
    liveness.close();
    leadership.ifPresent(Leadership::closing);
    operator.stop();
    reconciler.close();
    leadership.ifPresent(lease -> lease.release(client));
    health.close();
    client.close();
    log.info("stopped");
  }
}
