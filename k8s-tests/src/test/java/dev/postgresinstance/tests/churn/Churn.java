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

/** Instances that are changed all the time, side by side, while applications write into them. */
final class Churn implements AutoCloseable {

  private static final int CALM_MILLIS = 8000;
  private static final int THREADS_EACH = 2; // somebody who changes it, and its writer

  private final long seed;
  private final Map<String, Starts> starts = new ConcurrentHashMap<>(); // by pod
  private final List<Tenant> tenants = new ArrayList<>();
  private final Map<Edit, Integer> edits = new EnumMap<>(Edit.class);
  private final List<String> failures = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<SharedIndexInformer<Pod>> watches = new ArrayList<>();
  private final ExecutorService threads;

  Churn(int size, long seed) {
    this.seed = seed;
    this.threads = Executors.newFixedThreadPool(THREADS_EACH * size);
  }

  /** All pods there must be those of instances that are expected here. */
  void watch(String namespace) {
    watches.add(TestCluster.client().pods().inNamespace(namespace).inform(new Watch()));
  }

  /** An instance of that name starts once, and then only when somebody asks for it. */
  History expect(String namespace, String name) {
    History history = new History();
    Starts ofIt = new Starts(history);
    ofIt.ask("it is made");
    starts.put(namespace + "/" + name + "-0", ofIt);
    return history;
  }

  /** An instance that is ready gets an application, and somebody who changes it. */
  void settle(Instance instance, History history) throws SQLException {
    Writer writer = new Writer(instance, history, threads);
    writer.begin();
    Random random = new Random(seed + tenants.size());
    tenants.add(new Tenant(instance, random, history, startsOf(instance), writer));
  }

  /** Whatever starts from now on has to have a reason. */
  void leaveAlone(Instance instance) {
    Eventually.that(
        "the watch knows the pod of " + instance,
        () -> {
          if (!startsOf(instance).know(instance.pod())) {
            throw new AssertionError("not yet");
          }
        });
    startsOf(instance).settled();
  }

  /** Goes on for that time; what fails with one of them does not stop the others. */
  void run(Duration time) throws InterruptedException {
    Instant end = Instant.now().plus(time);
    CountDownLatch running = new CountDownLatch(tenants.size());
    tenants.forEach(
        tenant ->
            threads.execute(
                () -> {
                  change(tenant, end);
                  running.countDown();
                }));
    running.await();
  }

  /** What went wrong, if anything, with all that is needed to look into it. */
  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** The numbers, for people. */
  synchronized String report() {
    StringBuilder report = new StringBuilder("churn: seed %d%n".formatted(seed));
    long rows = tenants.stream().mapToLong(tenant -> tenant.writer().acknowledged().size()).sum();
    int explained = starts.values().stream().mapToInt(Starts::explained).sum();
    Map<Edit, Duration> longest = longestGaps();
    report.append(
        "%d instances, %d edits, %d rows acknowledged, %d starts of a server that were asked for%n"
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

  /** All that happened, instance by instance. */
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
          // Calm, in which nothing may happen.
          && !over.await(tenant.number(0, CALM_MILLIS), TimeUnit.MILLISECONDS)) {
        tenant.changeSomething(this::count);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | RuntimeException | AssertionError e) {
      fail("%s: %s".formatted(tenant.instance(), e), tenant.history());
    }
  }

  private synchronized void count(Edit edit) {
    edits.merge(edit, 1, Integer::sum);
  }

  private synchronized void fail(String what, History history) {
    failures.add("SEED=%d, %s%n%s".formatted(seed, what, history));
  }

  private Starts startsOf(Instance instance) {
    return starts.get(instance.namespace() + "/" + instance.name() + "-0");
  }

  /** By what was edited last before it. */
  private Map<Edit, Duration> longestGaps() {
    Map<Edit, Duration> longest = new HashMap<>();
    for (Tenant tenant : tenants) {
      for (Writer.Gap gap : tenant.writer().gaps()) {
        // The last answer may be a moment older than what ended the answers.
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
      look(pod);
    }

    @Override
    public void onUpdate(Pod before, Pod pod) {
      look(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean lastStateIsUnknown) {
      look(pod);
    }

    private void look(Pod pod) {
      ObjectMeta meta = pod.getMetadata();
      Starts expected = starts.get(meta.getNamespace() + "/" + meta.getName());
      if (expected == null) {
        fail("a pod of no instance: " + meta.getName(), new History());
        return;
      }
      int before = expected.unasked().size();
      expected.seen(pod);
      if (expected.unasked().size() > before) {
        fail(
            "%s/%s was started, and nobody had asked for it: %s"
                .formatted(meta.getNamespace(), meta.getName(), expected.unasked()),
            expected.history());
      }
    }
  }
}
