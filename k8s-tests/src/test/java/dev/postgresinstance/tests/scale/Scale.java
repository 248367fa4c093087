package dev.postgresinstance.tests.scale;

import dev.postgresinstance.tests.support.AuditLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Measures memory and CPU usage of the installed operator: idle, with many instances, with many
 * additional objects of other owners, and at a restart with all of them; or, with many instances,
 * under different JVM options, or without and with TLS. Arguments: {@code idle}, {@code one},
 * {@code figures}, {@code runtimes} or {@code logins}; the Docker container in which the operator's
 * processes are visible; the number of instances; the number of rounds.
 */
public final class Scale {

  private static final int PER_SECOND = 10;

  /** Does not saturate two processors that also run the whole cluster. */
  private static final int SLOW_PER_SECOND = 2;

  private static final int FIRST_BATCH = 50;
  private static final int UNRELATED_OBJECTS = 5_000;
  private static final int UNSCHEDULABLE = 100;
  private static final int BUSIEST = 6;
  private static final Duration SETTLING = Duration.ofSeconds(90);

  /**
   * By then the operator looks once a minute at instances of which nothing changes, and the JVM has
   * compiled what runs every few seconds.
   */
  private static final Duration SELDOM = Duration.ofMinutes(10);

  private static final Duration RELEASE = Duration.ofMinutes(5);
  private static final Duration SAMPLING = Duration.ofSeconds(60);

  /** At rest, the heap is collected every four minutes. */
  private static final Duration SAMPLING_AT_REST = Duration.ofMinutes(4);

  private static final Duration SAMPLE = Duration.ofSeconds(5);

  /** Shorter, because there are many choices; the heap of the start has been released by then. */
  private static final Duration SETTLING_PER_CHOICE = Duration.ofSeconds(45);

  private static final Duration SAMPLING_PER_CHOICE = Duration.ofSeconds(30);

  private final OperatorPod operator;
  private final Fleet fleet;
  private final int rounds;

  private Scale(OperatorPod operator, Fleet fleet, int rounds) {
    this.operator = operator;
    this.fleet = fleet;
    this.rounds = rounds;
  }

  /** Runs the measurement and prints the results. */
  public static void main(String[] arguments) throws InterruptedException {
    Scale scale =
        new Scale(
            new OperatorPod(arguments[1]),
            new Fleet(Integer.parseInt(arguments[2])),
            Integer.parseInt(arguments[3]));
    switch (arguments[0]) {
      case "idle" -> scale.idle();
      case "one" -> scale.one();
      case "figures" -> scale.figures();
      case "runtimes" -> scale.runtimes();
      case "logins" -> new TlsComparison(scale.operator, scale.fleet).compare();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.exit(0); // the watches of the client would keep the JVM running
  }

  private void idle() throws InterruptedException {
    System.out.printf("%nWhat is repeated: median (from to).%n%n");
    line("", "measured", "goal");
    double before = reportAtRest("no instance");
    UnschedulableInstances.create(UNSCHEDULABLE);
    Usage usage = Usage.of(operator, SELDOM, SAMPLING_AT_REST, SAMPLE);
    line(UNSCHEDULABLE + " unschedulable, processor/1000", round(usage.processor()), "17");
    usage.printThreads();
    UnschedulableInstances.delete();
    reportRelease(before);
  }

  /** Prints how much memory the process keeps five minutes after all instances were deleted. */
  private void reportRelease(double before) throws InterruptedException {
    Usage usage = Usage.of(operator, RELEASE, SAMPLING, SAMPLE);
    double more = usage.resident().median() - before;
    line("five minutes after their deletion, MiB more", "%.1f".formatted(more), "10");
  }

  /** The only instance is the real server. */
  private double one() throws InterruptedException {
    operator.replace();
    return reportAtRest("one instance");
  }

  private void figures() throws InterruptedException {
    double one = one();
    create();
    double before = report("%d instances".formatted(fleet.size()), "320");
    UnrelatedObjects.create(UNRELATED_OBJECTS);
    double after = report("with %d objects of other owners".formatted(UNRELATED_OBJECTS), "320");
    line("  more by, %", "%.1f".formatted(100 * (after / before - 1)), "5");
    List<Double> checked = new ArrayList<>();
    List<Integer> lists = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      Instant begin = operator.replace();
      checked.add(secondsUntilChecked(begin));
      lists.add((int) AuditLog.listsSince(begin).stream().filter(OperatorPod::sent).count());
    }
    line("restart: all checked after, s", Figures.of(checked.stream()), "60");
    line("restart: LIST requests", Figures.of(lists.stream()), "10");
    report("%d instances, after restarts".formatted(fleet.size()), "320");
    fleet.delete();
    reportRelease(one);
  }

  private void runtimes() throws InterruptedException {
    create();
    new Runtimes()
        .compare(
            rounds,
            choice -> {
              double checked = secondsUntilChecked(operator.runWith(choice));
              Usage usage = Usage.of(operator, SETTLING_PER_CHOICE, SAMPLING_PER_CHOICE, SAMPLE);
              return new Runtimes.Result(checked, usage.resident().median(), usage.processor());
            });
  }

  private void create() {
    Instant begin = Instant.now();
    create(0, FIRST_BATCH, SLOW_PER_SECOND);
    create(FIRST_BATCH, fleet.size(), PER_SECOND);
    List<AuditLog.Request> writes =
        AuditLog.writesSince(begin).stream().filter(OperatorPod::sent).toList();
    line("ready after, s", fleet.timeToReady(), "");
    line("writes until ready, without events", fleet.writes(writes), "10");
    line("events", fleet.events(), "3");
    Certificates.waitUntilServed(fleet.names());
  }

  private void create(int from, int to, int perSecond) {
    fleet.create(from, to, perSecond);
    Figures children = fleet.timeToChildren(from, to);
    String rate = "children, made at %d/s, after, s".formatted(perSecond);
    line(rate, children, "");
    line(rate + ", 99 of 100", "%.1f".formatted(children.percentile(99)), "5");
  }

  /** Like {@link #report}; the goal of 5 millicores is 0.3 s in a minute. */
  private double reportAtRest(String when) throws InterruptedException {
    return report(when, Usage.of(operator, SELDOM, SAMPLING_AT_REST, SAMPLE), "160", "5");
  }

  private double report(String when, String memory) throws InterruptedException {
    return report(when, Usage.of(operator, SETTLING, SAMPLING, SAMPLE), memory, "");
  }

  /**
   * Prints the usage, and returns the median of the resident memory in MiB.
   *
   * @param memory the goal for the resident memory in MiB
   * @param processor the goal for the CPU usage in millicores
   */
  private double report(String when, Usage usage, String memory, String processor) {
    line(when + ", resident MiB", usage.resident(), memory);
    line("  at most since its start", "%.1f".formatted(usage.peak()), "");
    line("  thousandths of a processor", round(usage.processor()), processor);
    usage.printThreads();
    return usage.resident().median();
  }

  /**
   * Waits until the metrics contain the volume usage of every instance, which comes from a login.
   */
  private double secondsUntilChecked(Instant begin) {
    Awaitility.await("all instances are checked")
        .atMost(Duration.ofMinutes(10))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> operator.series("postgresinstance_volume_used_bytes") >= fleet.size());
    return Duration.between(begin, Instant.now()).toMillis() / 1000.0;
  }

  /**
   * The usage of the operator process during the sampling time, after it has settled.
   *
   * @param resident MiB, at each sample
   * @param peak MiB, since the start of the process
   * @param processor CPU usage in millicores
   * @param threads CPU usage in millicores, by the name of the threads
   */
  private record Usage(
      Figures resident, double peak, double processor, Map<String, Double> threads) {

    static Usage of(OperatorPod operator, Duration settling, Duration sampling, Duration sample)
        throws InterruptedException {
      TimeUnit.MILLISECONDS.sleep(settling.toMillis()); // there is no event to wait for
      List<Double> resident = new ArrayList<>();
      Map<String, Double> threadsAtFirst = operator.threadSeconds();
      OperatorPod.Use first = operator.use();
      OperatorPod.Use last = first;
      for (long i = 0; i < sampling.dividedBy(sample); i++) {
        TimeUnit.MILLISECONDS.sleep(sample.toMillis());
        last = operator.use();
        resident.add(last.resident());
      }
      double seconds = last.cpuSeconds() - first.cpuSeconds();
      Map<String, Double> threads = new HashMap<>();
      operator
          .threadSeconds()
          .forEach(
              (name, time) ->
                  threads.put(
                      name,
                      1000
                          * (time - threadsAtFirst.getOrDefault(name, 0.0))
                          / sampling.toSeconds()));
      return new Usage(
          Figures.of(resident.stream()),
          last.peak(),
          1000 * seconds / sampling.toSeconds(),
          threads);
    }

    /** Prints which threads have used most of the CPU time. */
    void printThreads() {
      threads.entrySet().stream()
          .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
          .limit(BUSIEST)
          .forEach(thread -> line("    threads " + thread.getKey(), round(thread.getValue()), ""));
    }
  }

  private static String round(double millicores) {
    return String.format(Locale.ROOT, "%.1f", millicores);
  }

  private static void line(String what, Object measured, String goal) {
    System.out.printf(Locale.ROOT, "%-42s %-24s %s%n", what, measured, goal);
  }
}
