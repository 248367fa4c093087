package dev.postgresinstance.tests.scale;

import dev.postgresinstance.tests.support.AuditLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * What the installed operator takes of memory and processor: idle, with many instances, with many
 * objects of strangers beside them, and at a start with all of them there; or, with many instances,
 * under other options of the JVM. Arguments: {@code idle}, then {@code figures} or {@code
 * runtimes}, the container of docker in which the operator's processes are seen, how many
 * instances, how many rounds of what is repeated.
 */
public final class Scale {

  private static final int PER_SECOND = 10;

  /** What leaves two processors, which have a whole cluster beside the operator, room for more. */
  private static final int SLOWLY = 2;

  private static final int SOME = 50;
  private static final int STRANGERS = 5_000;
  private static final Duration SETTLING = Duration.ofSeconds(90);
  private static final Duration SAMPLING = Duration.ofSeconds(60);
  private static final Duration SAMPLE = Duration.ofSeconds(5);

  /** They are many; what each took of the heap at its start is given back by then. */
  private static final Duration SETTLING_OF_EACH = Duration.ofSeconds(45);

  private static final Duration SAMPLING_OF_EACH = Duration.ofSeconds(30);

  private final OperatorPod operator;
  private final Fleet fleet;
  private final int rounds;

  private Scale(OperatorPod operator, Fleet fleet, int rounds) {
    this.operator = operator;
    this.fleet = fleet;
    this.rounds = rounds;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) throws InterruptedException {
    Scale scale =
        new Scale(
            new OperatorPod(arguments[1]),
            new Fleet(Integer.parseInt(arguments[2])),
            Integer.parseInt(arguments[3]));
    switch (arguments[0]) {
      case "idle" -> scale.idle();
      case "figures" -> scale.figures();
      case "runtimes" -> scale.runtimes();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.exit(0); // the client's watches would go on
  }

  private void idle() throws InterruptedException {
    System.out.printf("%nWhat is repeated: median (from to).%n%n");
    line("", "measured", "goal");
    tell("no instance", "128");
  }

  private void figures() throws InterruptedException {
    operator.replace();
    tell("one instance", "128");
    create();
    double before = tell("%d instances".formatted(fleet.size()), "192");
    Strangers.create(STRANGERS);
    double after = tell("with %d objects of strangers".formatted(STRANGERS), "192");
    line("  more by, %", "%.1f".formatted(100 * (after / before - 1)), "2");
    List<Double> checked = new ArrayList<>();
    List<Integer> lists = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      Instant begin = operator.replace();
      checked.add(secondsUntilChecked(begin));
      lists.add((int) AuditLog.listsSince(begin).stream().filter(OperatorPod::sent).count());
    }
    line("restart: all checked after, s", Figures.of(checked.stream()), "60");
    line("restart: LIST requests", Figures.of(lists.stream()), "10");
    tell("%d instances, after restarts".formatted(fleet.size()), "192");
  }

  private void runtimes() throws InterruptedException {
    create();
    new Runtimes()
        .compare(
            rounds,
            choice -> {
              double checked = secondsUntilChecked(operator.runWith(choice));
              Usage usage = Usage.of(operator, SETTLING_OF_EACH, SAMPLING_OF_EACH, SAMPLE);
              return new Runtimes.Result(checked, usage.resident().median(), usage.processor());
            });
  }

  private void create() {
    Instant begin = Instant.now();
    create(0, SOME, SLOWLY);
    create(SOME, fleet.size(), PER_SECOND);
    List<AuditLog.Request> writes =
        AuditLog.writesSince(begin).stream().filter(OperatorPod::sent).toList();
    line("ready after, s", fleet.toReady(), "");
    line("writes until ready, without events", fleet.writes(writes), "10");
    line("events", fleet.events(), "3");
  }

  private void create(int from, int to, int perSecond) {
    fleet.create(from, to, perSecond);
    Figures children = fleet.toChildren(from, to);
    String rate = "children, made at %d/s, after, s".formatted(perSecond);
    line(rate, children, "");
    line(rate + ", 99 of 100", "%.1f".formatted(children.percentile(99)), "5");
  }

  /** Prints what it takes, and gives the median of its memory. */
  private double tell(String when, String goal) throws InterruptedException {
    Usage usage = Usage.of(operator, SETTLING, SAMPLING, SAMPLE);
    line(when + ", resident MiB", usage.resident(), goal);
    line("  at most since its start", "%.1f".formatted(usage.peak()), "");
    line("  thousandths of a processor", "%.0f".formatted(usage.processor()), "");
    return usage.resident().median();
  }

  /** Until a login has told how full the volume of each instance is. */
  private double secondsUntilChecked(Instant begin) {
    Awaitility.await("all instances are checked")
        .atMost(Duration.ofMinutes(10))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> operator.series("postgresinstance_volume_used_bytes") >= fleet.size());
    return Duration.between(begin, Instant.now()).toMillis() / 1000.0;
  }

  /**
   * What the operator's process took for a while, after it had time to settle.
   *
   * @param resident MiB, at each sample
   * @param peak MiB, since its start
   * @param processor thousandths of one
   */
  private record Usage(Figures resident, double peak, double processor) {

    static Usage of(OperatorPod operator, Duration settling, Duration sampling, Duration sample)
        throws InterruptedException {
      TimeUnit.MILLISECONDS.sleep(settling.toMillis()); // the time is what it takes
      List<Double> resident = new ArrayList<>();
      OperatorPod.Use first = operator.use();
      OperatorPod.Use last = first;
      for (long i = 0; i < sampling.dividedBy(sample); i++) {
        TimeUnit.MILLISECONDS.sleep(sample.toMillis());
        last = operator.use();
        resident.add(last.resident());
      }
      double seconds = last.cpuSeconds() - first.cpuSeconds();
      return new Usage(
          Figures.of(resident.stream()), last.peak(), 1000 * seconds / sampling.toSeconds());
    }
  }

  private static void line(String what, Object measured, String goal) {
    System.out.printf(Locale.ROOT, "%-42s %-24s %s%n", what, measured, goal);
  }
}
