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
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What Prometheus is told, see docs/operations.md. The number of series is bounded: by the closed
 * lists of conditions and reasons, and for volumes by the number of instances. The framework's own
 * metrics have a series for each number of retries, of which there is no end here.
 */
public final class OperatorMetrics implements Metrics {

  private static final String PREFIX = "postgresinstance.";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Set<ResourceID> queued = ConcurrentHashMap.newKeySet();
  private final Map<ResourceID, Instant> running = new ConcurrentHashMap<>();
  private final Map<ResourceID, Instant> succeeded = new ConcurrentHashMap<>();
  private final Map<ResourceID, Volume> volumes = new ConcurrentHashMap<>();
  private final MultiGauge instances;
  private final MultiGauge used;
  private final MultiGauge capacity;
  private volatile Supplier<Stream<PostgresInstance>> all = Stream::empty;

  private record Volume(long used, long size) {}

  private record State(String condition, String status, String reason) {}

  /** Nothing has happened yet. */
  public OperatorMetrics() {
    gauge("reconcile.queue", "Instances that wait for a pass.", queued::size);
    gauge("reconcile.running", "Passes that run now.", running::size);
    gauge(
        "reconcile.oldest.success.seconds",
        "Time since the last pass without an error, of the instance for which it is longest ago.",
        () -> oldest(succeeded.values()).toMillis() / 1000.0);
    instances = rows("instances", "Instances by condition.");
    used = rows("volume.used.bytes", "What databases, WAL and reserve take of the volume.");
    capacity = rows("volume.size.bytes", "Size of the volume.");
  }

  private void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(PREFIX + name, value).description(description).register(registry);
  }

  private MultiGauge rows(String name, String description) {
    return MultiGauge.builder(PREFIX + name).description(description).register(registry);
  }

  /** The instances to count, in the state in which they are when it is asked. */
  public void count(Supplier<Stream<PostgresInstance>> instances) {
    all = instances;
  }

  /** In the text format of Prometheus, as it is now. */
  public String scrape() {
    Set<ResourceID> present = new HashSet<>();
    Map<State, Long> counted = new HashMap<>();
    all.get() // read once: each of them is unpacked for it
        .forEach(
            instance -> {
              present.add(ResourceID.fromResource(instance));
              states(instance).forEach(state -> counted.merge(state, 1L, Long::sum));
            });
    forgetAllBut(present);
    instances.register(
        counted.entrySet().stream()
            .<MultiGauge.Row<?>>map(e -> MultiGauge.Row.of(tags(e.getKey()), e.getValue()))
            .toList(),
        true);
    used.register(volumes(Volume::used), true);
    capacity.register(volumes(Volume::size), true);
    return registry.scrape();
  }

  /** A pass, or a login, may end after its instance has gone, and would be remembered for ever. */
  private void forgetAllBut(Set<ResourceID> present) {
    succeeded.keySet().retainAll(present);
    volumes.keySet().retainAll(present);
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

  private List<MultiGauge.Row<?>> volumes(Function<Volume, Number> value) {
    return volumes.entrySet().stream()
        .<MultiGauge.Row<?>>map(e -> MultiGauge.Row.of(tags(e.getKey()), value.apply(e.getValue())))
        .toList();
  }

  private static Tags tags(ResourceID instance) {
    return Tags.of("namespace", instance.getNamespace().orElse(""), "name", instance.getName());
  }

  /** How long the oldest of the passes that run has been running; zero when none does. */
  public Duration longestPass() {
    return oldest(running.values());
  }

  private static Duration oldest(Collection<Instant> times) {
    return times.stream()
        .min(Instant::compareTo)
        .map(time -> Duration.between(time, Instant.now()))
        .orElse(Duration.ZERO);
  }

  /**
   * A login and what was asked with it.
   *
   * @param result in a word of a closed list
   */
  public void login(Duration time, String result) {
    timer("login", "Logins with what is asked and done in their sessions.", "result", result)
        .record(time);
  }

  /** What was found of an instance's volume, in bytes. */
  public void volume(ResourceID instance, long used, long size) {
    volumes.put(instance, new Volume(used, size));
  }

  @Override
  public void reconcileCustomResource(
      HasMetadata resource, RetryInfo retry, Map<String, Object> metadata) {
    ResourceID instance = ResourceID.fromResource(resource);
    succeeded.putIfAbsent(instance, Instant.now());
    queued.add(instance);
  }

  @Override
  public void reconciliationExecutionStarted(HasMetadata resource, Map<String, Object> metadata) {
    ResourceID instance = ResourceID.fromResource(resource);
    queued.remove(instance);
    running.put(instance, Instant.now());
  }

  @Override
  public void reconciliationExecutionFinished(HasMetadata resource, Map<String, Object> metadata) {
    running.remove(ResourceID.fromResource(resource));
  }

  @Override
  public void finishedReconciliation(HasMetadata resource, Map<String, Object> metadata) {
    succeeded.put(ResourceID.fromResource(resource), Instant.now());
  }

  @Override
  public void cleanupDoneFor(ResourceID instance, Map<String, Object> metadata) {
    queued.remove(instance);
  }

  @Override
  public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
    Instant start = Instant.now();
    String result = "error";
    try {
      T done = execution.execute();
      result = "success";
      return done;
    } finally {
      timer("reconcile", "Passes.", "result", result)
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
