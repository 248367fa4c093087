package dev.postgresinstance.operator;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.LenientDecoding;
import dev.postgresinstance.operator.management.HealthServer;
import dev.postgresinstance.operator.management.Liveness;
import dev.postgresinstance.operator.management.OperatorMetrics;
import dev.postgresinstance.operator.reconcile.PostgresInstanceReconciler;
import dev.postgresinstance.operator.reconcile.backup.PostgresBackupReconciler;
import dev.postgresinstance.operator.sql.SaltedPasswords;
import io.fabric8.kubernetes.api.model.HasMetadata;
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

/** A running operator: its client, framework, reconcilers, health server and leader election. */
public final class RunningOperator implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RunningOperator.class);
  private static final int CONCURRENT_RECONCILIATIONS = 8;
  private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(5);

  /**
   * How long the start waits for each cache to sync. A cache that syncs later delays only the
   * instances that depend on it, see {@code CacheReadiness}.
   */
  private static final Duration CACHE_SYNC_TIMEOUT = Duration.ofSeconds(5);

  private final KubernetesClient client;
  private final Optional<Leadership> leadership;
  private final PermissionTracker permissions = new PermissionTracker();
  private final OperatorMetrics metrics = new OperatorMetrics();
  private final Liveness liveness = new Liveness(metrics::longestReconciliation);
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
            config.operatorImage(),
            config.databasesByNodePort(),
            () -> leadership.map(Leadership::holdsLease).orElse(true),
            permissions,
            metrics);
    this.operator =
        new Operator((ConfigurationServiceOverrider framework) -> configure(framework, onFatal));
    operator.register(
        reconciler,
        (ControllerConfigurationOverrider<PostgresInstance> controller) ->
            configure(controller, config));
    operator.register(
        new PostgresBackupReconciler(reconciler::access, config.operatorImage(), permissions),
        (ControllerConfigurationOverrider<PostgresBackup> controller) ->
            configure(controller, config));
    metrics.countInstances(() -> reconciler.access().informers().instances());
  }

  static RunningOperator start(
      OperatorConfig config,
      Config cluster,
      Consumer<HttpClient.Builder> http,
      Consumer<String> onFatal) {
    log.info("Configuration: {}", config);
    SaltedPasswords.install(); // before the first verifier, which is derived from the same password
    RunningOperator running = new RunningOperator(config, cluster, http, onFatal);
    try {
      StartupCheck.await(running.client, config);
      running.operator.start();
    } catch (RuntimeException e) {
      running.close();
      throw e;
    }
    running.liveness.watch(running.reconciler.access()::sendHeartbeat);
    running.health.markReady();
    log.info("Serving the cluster at {}", running.client.getMasterUrl());
    return running;
  }

  private KubernetesClient client(Config cluster, Consumer<HttpClient.Builder> http) {
    return new KubernetesClientBuilder()
        .withConfig(cluster)
        .withKubernetesSerialization(LenientDecoding.serialization())
        .withHttpClientBuilderConsumer(
            builder -> {
              leadership.ifPresent(lease -> builder.addOrReplaceInterceptor("lease", lease));
              builder.addOrReplaceInterceptor("permissions", permissions);
              http.accept(builder);
            })
        .build();
  }

  private void configure(ConfigurationServiceOverrider framework, Consumer<String> onFatal) {
    framework.withKubernetesClient(client);
    framework.withMetrics(metrics);
    framework.withCloseClientOnStop(false);
    framework.withConcurrentReconciliationThreads(CONCURRENT_RECONCILIATIONS);
    framework.withReconciliationTerminationTimeout(TERMINATION_TIMEOUT);
    leadership.map(Leadership::election).ifPresent(framework::withLeaderElectionConfiguration);
    // A permission that is missing in one namespace must not affect the others. The informer keeps
    // retrying; until it has synced, no reconciliation in that namespace trusts its cache.
    framework.withStopOnInformerErrorDuringStartup(false);
    framework.withCacheSyncTimeout(CACHE_SYNC_TIMEOUT);
    // A stopped informer never refreshes; exit rather than act on stale data.
    framework.withInformerStoppedHandler(
        (informer, failure) -> {
          if (failure != null) {
            onFatal.accept("the informer %s has stopped: %s".formatted(informer, failure));
          }
        });
  }

  private static <R extends HasMetadata> void configure(
      ControllerConfigurationOverrider<R> controller, OperatorConfig config) {
    controller.withFieldManager(Labels.MANAGER);
    // Users also request actions by annotation, which does not increment the generation.
    controller.withGenerationAware(false);
    controller.withOnUpdateFilter(RunningOperator::isChangedByUser);
    controller.withRetry(new Backoff());
    controller.withInformerListLimit(Informers.PAGE_SIZE);
    if (!config.watchNamespaces().isEmpty()) {
      controller.settingNamespaces(config.watchNamespaces());
    }
  }

  /**
   * Whether spec or annotations differ, or the resource was recreated. The uid counts because the
   * deletion of the previous resource may not be reported after a gap in the watch.
   */
  private static boolean isChangedByUser(HasMetadata next, HasMetadata previous) {
    return Stream.<Function<ObjectMeta, Object>>of(
            ObjectMeta::getUid, ObjectMeta::getGeneration, ObjectMeta::getAnnotations)
        .anyMatch(
            part ->
                !Objects.equals(
                    part.apply(next.getMetadata()), part.apply(previous.getMetadata())));
  }

  /** The port of {@code /livez}, {@code /readyz} and {@code /metrics}. */
  public int healthPort() {
    return health.port();
  }

  /** Stops the operator within seconds; the databases keep running. */
  @Override
  public void close() {
    liveness.close();
    leadership.ifPresent(Leadership::markClosing);
    operator.stop();
    reconciler.close();
    leadership.ifPresent(lease -> lease.release(client));
    health.close();
    metrics.close();
    client.close();
    log.info("Stopped");
  }
}
