package dev.postgresinstance.operator.management;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The metrics for Prometheus, see docs/operations.md. The number of time series is bounded by the
 * closed lists of conditions and reasons, and for volumes and certificates by the number of
 * instances. The framework's own metrics are not used: they have a series for each retry count,
 * which is unlimited here.
 */
public final class OperatorMetrics implements Metrics, AutoCloseable {

  private static final String PREFIX = "postgresinstance.";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RunningReconciliations reconciliations = new RunningReconciliations();
  private final Map<ResourceID, Volume> volumes = new ConcurrentHashMap<>();
  private final Map<ResourceID, Instant> archives = new ConcurrentHashMap<>();
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final MultiGauge instances;
  private final MultiGauge used;
  private final MultiGauge capacity;
  private final MultiGauge recoverable;
  private final Map<StatusFigure, MultiGauge> figures = new HashMap<>();
  private volatile Supplier<Stream<PostgresInstance>> source = Stream::empty;

  private record Volume(long used, long size) {}

  private record State(String condition, String status, String reason) {}

  /** Registers the metrics of the operator and of its JVM. */
  public OperatorMetrics() {
    gauge(
        "reconcile.queue",
        "Instances and backups that wait for a reconciliation.",
        reconciliations::queued);
    gauge("reconcile.running", "Reconciliations that are running.", reconciliations::running);
    gauge(
        "reconcile.oldest.success.seconds",
        "Time since the last successful reconciliation, maximum over all instances.",
        () -> reconciliations.oldestSuccess().toMillis() / 1000.0);
    instances = rows("instances", "Instances by condition.");
    used = rows("volume.used.bytes", "Space used by databases, WAL and reserve on the volume.");
    capacity = rows("volume.size.bytes", "Size of the volume.");
    recoverable =
        rows("backup.recoverable.timestamp.seconds", "What was committed before is in the store.");
    for (StatusFigure figure : StatusFigure.ALL) {
      figures.put(figure, rows(figure.metric(), figure.description()));
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
  }

  /** Stops listening to the garbage collector. */
  @Override
  public void close() {
    garbageCollection.close();
  }

  private void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(PREFIX + name, value).description(description).register(registry);
  }

  private MultiGauge rows(String name, String description) {
    return MultiGauge.builder(PREFIX + name).description(description).register(registry);
  }

  /** Sets the source of the instances, which are read again for each scrape. */
  public void countInstances(Supplier<Stream<PostgresInstance>> instances) {
    source = instances;
  }

  /** Returns the current values in the text format of Prometheus. */
  public String scrape() {
    Set<ResourceID> present = new HashSet<>();
    Map<State, Long> counted = new HashMap<>();
    List<PostgresInstance> all = source.get().toList();
    all.forEach(
        instance -> {
          present.add(ResourceID.fromResource(instance));
          states(instance).forEach(state -> counted.merge(state, 1L, Long::sum));
        });
    removeDeleted(present);
    instances.register(
        counted.entrySet().stream()
            .<MultiGauge.Row<?>>map(e -> MultiGauge.Row.of(tags(e.getKey()), e.getValue()))
            .toList(),
        true);
    used.register(series(volumes, Volume::used), true);
    capacity.register(series(volumes, Volume::size), true);
    recoverable.register(series(archives, Instant::getEpochSecond), true);
    figures.forEach((figure, rows) -> rows.register(series(figure.of(all), value -> value), true));
    return registry.scrape();
  }

  /** A reconciliation or login can end after the deletion and add its instance again. */
  private void removeDeleted(Set<ResourceID> present) {
    reconciliations.retainInstances(present);
    volumes.keySet().retainAll(present);
    archives.keySet().retainAll(present);
  }

  private static Stream<State> states(PostgresInstance instance) {
    return Stream.ofNullable(instance.getStatus())
        .map(PostgresInstanceStatus::conditions)
        .flatMap(Stream::ofNullable)
        .flatMap(List::stream)
        .map(OperatorMetrics::state);
  }

  private static State state(Condition condition) {
    return new State(condition.getType(), condition.getStatus(), condition.getReason());
  }

  private static Tags tags(State state) {
    return Tags.of(
        "condition", state.condition(), "status", state.status(), "reason", state.reason());
  }

  private static <T> List<MultiGauge.Row<?>> series(
      Map<ResourceID, T> values, Function<T, Number> value) {
    return values.entrySet().stream()
        .<MultiGauge.Row<?>>map(e -> MultiGauge.Row.of(tags(e.getKey()), value.apply(e.getValue())))
        .toList();
  }

  private static Tags tags(ResourceID instance) {
    return Tags.of("namespace", instance.getNamespace().orElse(""), "name", instance.getName());
  }

  /** How long the oldest running reconciliation has been running; zero if none is running. */
  public Duration longestReconciliation() {
    return reconciliations.longest();
  }

  /**
   * Records a login.
   *
   * @param time duration of the login including the tasks in its session
   * @param result the result, one of a fixed set of values
   */
  public void login(Duration time, String result) {
    timer("login", "Logins, including the tasks in their sessions.", "result", result).record(time);
  }

  /** Records until when the archive of an instance is complete; the last value may still hold. */
  public void archive(ResourceID instance, boolean exists, Optional<Instant> until) {
    until.ifPresent(time -> archives.put(instance, time));
    if (!exists) {
      archives.remove(instance);
    }
  }

  /** Records the used and the total size of the volume of an instance, in bytes. */
  public void volume(ResourceID instance, long used, long size) {
    volumes.put(instance, new Volume(used, size));
  }

  @Override
  public void reconcileCustomResource(
      HasMetadata resource, RetryInfo retry, Map<String, Object> metadata) {
    reconciliations.requested(resource);
  }

  @Override
  public void reconciliationExecutionStarted(HasMetadata resource, Map<String, Object> metadata) {
    reconciliations.started(resource);
  }

  @Override
  public void reconciliationExecutionFinished(HasMetadata resource, Map<String, Object> metadata) {
    reconciliations.finished(resource);
  }

  @Override
  public void finishedReconciliation(HasMetadata resource, Map<String, Object> metadata) {
    reconciliations.succeeded(resource);
  }

  @Override
  public void cleanupDoneFor(ResourceID resource, Map<String, Object> metadata) {
    if (reconciliations.forget(resource, metadata)) {
      volumes.remove(resource);
      archives.remove(resource);
    }
  }

  @Override
  public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
    Instant start = Instant.now();
    String result = "error";
    try {
      T returned = execution.execute();
      result = "success";
      return returned;
    } finally {
      timer("reconcile", "Reconciliations.", "result", result)
          .record(Duration.between(start, Instant.now()));
    }
  }

  private Timer timer(String name, String description, String tag, String value) {
    return Timer.builder(PREFIX + name)
        .description(description)
        .tag(tag, value)
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10))
        .register(registry);
  }
}
