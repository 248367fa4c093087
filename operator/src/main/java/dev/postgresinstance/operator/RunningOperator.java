package dev.postgresinstance.operator;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.children.Labels;
import dev.postgresinstance.operator.management.HealthServer;
import dev.postgresinstance.operator.reconcile.PostgresInstanceReconciler;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.OperatorException;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator while it serves. */
public final class RunningOperator implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RunningOperator.class);
  private static final String CRD = HasMetadata.getFullResourceName(PostgresInstance.class);
  private static final String API = HasMetadata.getApiVersion(PostgresInstance.class);
  private static final String PLURAL = HasMetadata.getPlural(PostgresInstance.class);
  private static final int PASSES_AT_ONCE = 8;
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final double RETRY_GROWTH = 1.5;
  private static final Duration LAST_RETRY = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(5);

  private final Operator operator;
  private final PostgresInstanceReconciler reconciler;
  private final HealthServer health;

  private RunningOperator(
      Operator operator, PostgresInstanceReconciler reconciler, HealthServer health) {
    this.operator = operator;
    this.reconciler = reconciler;
    this.health = health;
  }

  static RunningOperator start(OperatorConfig config, KubernetesClient client) {
    log.info("configuration: {}", config);
    check(config, client);
    HealthServer health = HealthServer.start(config.healthPort());
    PostgresInstanceReconciler reconciler =
        new PostgresInstanceReconciler(config.images(), config.databasesByNodePort());
    Operator operator =
        new Operator(
            (ConfigurationServiceOverrider overrider) -> {
              overrider.withKubernetesClient(client);
              overrider.withCloseClientOnStop(false);
              overrider.withConcurrentReconciliationThreads(PASSES_AT_ONCE);
              overrider.withReconciliationTerminationTimeout(STOP);
            });
    operator.register(
        reconciler,
        (ControllerConfigurationOverrider<PostgresInstance> controller) ->
            configure(controller, config));
    operator.start();
    health.ready();
    log.info("serving {}", client.getMasterUrl());
    return new RunningOperator(operator, reconciler, health);
  }

  /** The framework would say the same in two hundred lines. */
  private static void check(OperatorConfig config, KubernetesClient client) {
    String namespace =
        config.watchNamespaces().stream().findFirst().map(n -> "namespaces/" + n + "/").orElse("");
    String why = "it has no CustomResourceDefinition " + CRD;
    try {
      if (client.raw("/apis/" + API + "/" + namespace + PLURAL + "?limit=1") != null) {
        return;
      }
    } catch (KubernetesClientException e) {
      why = e.getCode() == 0 ? String.valueOf(e.getCause()) : e.getMessage();
    }
    throw new OperatorException(
        "the cluster at %s cannot be served: %s".formatted(client.getMasterUrl(), why));
  }

  private static void configure(
      ControllerConfigurationOverrider<PostgresInstance> controller, OperatorConfig config) {
    controller.withFieldManager(Labels.MANAGER);
    // By annotation, too, a person asks for something, and those do not count as a new generation.
    controller.withGenerationAware(false);
    controller.withOnUpdateFilter(RunningOperator::isAsked);
    controller.withRetry(
        new GenericRetry()
            .setInitialInterval(FIRST_RETRY)
            .setIntervalMultiplier(RETRY_GROWTH)
            .setMaxInterval(LAST_RETRY.toMillis())
            .withoutMaxAttempts());
    if (!config.watchNamespaces().isEmpty()) {
      controller.settingNamespaces(config.watchNamespaces());
    }
  }

  private static boolean isAsked(PostgresInstance next, PostgresInstance before) {
    return !next.getMetadata().getGeneration().equals(before.getMetadata().getGeneration())
        || !Objects.equals(
            next.getMetadata().getAnnotations(), before.getMetadata().getAnnotations());
  }

  /** Stops to serve; databases go on. Ends within seconds. */
  @Override
  public void close() {
    operator.stop();
    reconciler.close();
    health.close();
    log.info("stopped");
  }
}
