package dev.postgresinstance.tests.churn;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Changes several instances concurrently and all the time, while applications write to them. */
final class Churn implements AutoCloseable {

  private static final int MAX_PAUSE_MILLIS = 8000;
  private static final int THREADS_PER_INSTANCE =
      2; // one that changes the instance, and its writer

  private final long seed;
  private final Map<String, ServerStarts> starts = new ConcurrentHashMap<>(); // by pod
  private final List<Tenant> tenants = new ArrayList<>();
  private final Map<Edit, Integer> edits = new EnumMap<>(Edit.class);
  private final List<String> failures = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<SharedIndexInformer<Pod>> watches = new ArrayList<>();
  private final ExecutorService threads;

  Churn(int size, long seed) {
    this.seed = seed;
    this.threads = Executors.newFixedThreadPool(THREADS_PER_INSTANCE * size);
  }

  /** Watches the pods of a namespace: each of them must belong to an expected instance. */
  void watch(String namespace) {
    watches.add(TestCluster.client().pods().inNamespace(namespace).inform(new Watch()));
  }

  /** Registers an instance that may start once, and later only if an edit requires it. */
  History expect(String namespace, String name) {
    History history = new History();
    ServerStarts instanceStarts = new ServerStarts(history);
    instanceStarts.allow("the instance is created");
    starts.put(namespace + "/" + name + "-0", instanceStarts);
    return history;
  }

  /** Adds a ready instance to the churn: starts its writer and registers it for edits. */
  void settle(Instance instance, History history) throws SQLException {
    Writer writer = new Writer(instance, history, threads);
    writer.begin();
    Random random = new Random(seed + tenants.size());
    tenants.add(new Tenant(instance, random, history, startsOf(instance), writer));
  }

  /** From now on, the server of this instance must not start again. */
  void leaveAlone(Instance instance) {
    Eventually.that(
        "the watch has observed the pod of " + instance,
        () -> {
          if (!startsOf(instance).hasObserved(instance.pod())) {
            throw new AssertionError("not yet");
          }
        });
    startsOf(instance).settled();
  }

  /** Runs the churn for the given time; a failure of one instance does not stop the others. */
  void run(Duration time) throws InterruptedException {
    Instant end = Instant.now().plus(time);
    CountDownLatch running = new CountDownLatch(tenants.size());
    tenants.forEach(
        tenant ->
            threads.execute(
                () -> {
                  try {
                    change(tenant, end);
                  } finally {
                    running.countDown();
                  }
                }));
    running.await();
  }

  /** The failures so far, each with the seed and the history of the instance. */
  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** The figures of the run as a table. */
  synchronized String report() {
    StringBuilder report = new StringBuilder("churn: seed %d%n".formatted(seed));
    long rows = tenants.stream().mapToLong(tenant -> tenant.writer().acknowledged().size()).sum();
    int explained = starts.values().stream().mapToInt(ServerStarts::explained).sum();
    Map<Edit, Duration> longest = longestGaps();
    report.append(
        "%d instances, %d edits, %d rows acknowledged, %d server starts that an edit required%n"
            .formatted(tenants.size(), sum(edits), rows, explained));
    report.append("%-24s %6s  %s%n".formatted("edit", "times", "longest time without an answer"));
    new TreeMap<>(edits)
        .forEach(
            (edit, times) ->
                report.append(
                    "%-24s %6d  %s%n"
                        .formatted(
                            edit,
                            times,
                            longest.containsKey(edit)
                                ? longest.get(edit).toMillis() / 1000.0 + " s"
                                : "")));
    return report.toString();
  }

  /** The histories of all instances. */
  String histories() {
    return tenants.stream()
        .map(tenant -> tenant.instance() + "\n" + tenant.history())
        .collect(Collectors.joining("\n\n", "SEED=%d%n%n".formatted(seed), "\n"));
  }

  @Override
  public void close() {
    over.countDown();
    tenants.forEach(tenant -> tenant.writer().end());
    threads.close();
    watches.forEach(SharedIndexInformer::stop);
  }

  private void change(Tenant tenant, Instant end) {
    try {
      tenant.settle();
      while (Instant.now().isBefore(end)
          // A pause in which no server may start.
          && !over.await(tenant.number(0, MAX_PAUSE_MILLIS), TimeUnit.MILLISECONDS)) {
        tenant.changeSomething(this::count);
      }
      if (over.getCount() > 0) {
        tenant.writer().checkProgress();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error e) { // an Error would otherwise end this thread unnoticed
      fail("%s: %s".formatted(tenant.instance(), e), tenant.history());
    }
  }

  private synchronized void count(Edit edit) {
    edits.merge(edit, 1, Integer::sum);
  }

  private synchronized void fail(String what, History history) {
    failures.add("SEED=%d, %s%n%s".formatted(seed, what, history));
  }

  private ServerStarts startsOf(Instance instance) {
    return starts.get(instance.namespace() + "/" + instance.name() + "-0");
  }

  /** The longest time without an answer, by the last edit before it. */
  private Map<Edit, Duration> longestGaps() {
    Map<Edit, Duration> longest = new HashMap<>();
    for (Tenant tenant : tenants) {
      for (Writer.Gap gap : tenant.writer().gaps()) {
        // The last answer may be slightly older than the edit that interrupted the answers.
        tenant
            .history()
            .lastBefore(gap.from().plus(Writer.BETWEEN_ROWS.multipliedBy(2)))
            .ifPresent(
                edit -> longest.merge(edit, gap.length(), (a, b) -> a.compareTo(b) > 0 ? a : b));
      }
    }
    return longest;
  }

  private static int sum(Map<Edit, Integer> counts) {
    return counts.values().stream().collect(Collectors.summingInt(Integer::intValue));
  }

  private final class Watch implements ResourceEventHandler<Pod> {

    @Override
    public void onAdd(Pod pod) {
      check(pod);
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
      check(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean lastStateIsUnknown) {
      check(pod);
    }

    private void check(Pod pod) {
      ObjectMeta meta = pod.getMetadata();
      ServerStarts expected = starts.get(meta.getNamespace() + "/" + meta.getName());
      if (expected == null) {
        fail("a pod that belongs to no instance: " + meta.getName(), new History());
        return;
      }
      int before = expected.unexpected().size();
      expected.observe(pod);
      if (expected.unexpected().size() > before) {
        fail(
            "%s/%s was started although no change required it: %s"
                .formatted(meta.getNamespace(), meta.getName(), expected.unexpected()),
            expected.history());
      }
    }
  }
}
