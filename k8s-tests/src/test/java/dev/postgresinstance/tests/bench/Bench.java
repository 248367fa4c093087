package dev.postgresinstance.tests.bench;

import dev.postgresinstance.tests.support.ClusterLock;
import dev.postgresinstance.tests.support.InstalledOperator;
import dev.postgresinstance.tests.support.OperatorUnderTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Measures how long a user waits for SQL, with the operator and with the best manifest that a
 * person could write without it. Both alternate, so that other load on the machine affects both.
 * One argument: the number of measured rounds, default 5.
 */
public final class Bench {

  private static final double GOAL = 1.2;

  /** Minimum age of a pod before its deletion: by then the kubelet has completed the start. */
  private static final Duration RUNNING = Duration.ofSeconds(3);

  private static final Duration KUBELET_PERIOD = Duration.ofSeconds(1);

  private Bench() {}

  /** Runs the rounds, prints each one, then the medians. */
  public static void main(String[] arguments) throws Exception {
    ClusterLock.acquire();
    int rounds = arguments.length == 0 ? 5 : Integer.parseInt(arguments[0]);
    try (OperatorUnderTest operator = new InstalledOperator()) {
      operator.start();
      System.out.println(Machine.describe());
      compare(rounds);
    }
  }

  private static void compare(int rounds) throws Exception {
    List<Contender.Times> operator = new ArrayList<>();
    List<Contender.Times> manifest = new ArrayList<>();
    System.out.printf(
        "%n%-10s %-10s %14s %22s %22s%n",
        "round", "", "apply → SQL", "pod deleted → SQL", "deleted → no pod");
    for (int round = 0; round <= rounds; round++) {
      // Alternate which contender starts.
      boolean operatorFirst = round % 2 == 0;
      Duration age = RUNNING.plus(KUBELET_PERIOD.multipliedBy(round).dividedBy(rounds));
      Contender.Times first = run(operatorFirst ? "operator" : "manifest", round, age);
      Contender.Times second = run(operatorFirst ? "manifest" : "operator", round, age);
      if (round > 0) {
        operator.add(operatorFirst ? first : second);
        manifest.add(operatorFirst ? second : first);
      }
    }
    System.out.println();
    print("apply → SQL", operator, manifest, Contender.Times::applied);
    print("pod deleted → SQL", operator, manifest, Contender.Times::restarted);
    print("deleted → no pod", operator, manifest, Contender.Times::deleted);
  }

  private static Contender.Times run(String who, int round, Duration age) throws Exception {
    Contender.Times times = new Contender(who).run(age);
    System.out.printf(
        "%-10s %-10s %14s %22s %22s%n",
        round == 0 ? "(warm-up)" : round,
        who,
        seconds(times.applied()),
        seconds(times.restarted()),
        seconds(times.deleted()));
    return times;
  }

  private static void print(
      String what,
      List<Contender.Times> operatorTimes,
      List<Contender.Times> manifestTimes,
      Function<Contender.Times, Duration> time) {
    Sample operator = Sample.of(operatorTimes.stream().map(time));
    Sample manifest = Sample.of(manifestTimes.stream().map(time));
    double ratio = (double) operator.median().toMillis() / manifest.median().toMillis();
    System.out.printf(
        "%-18s median of %d: operator %s, manifest %s, ratio %.2f (goal: at most %.1f, %s); from to:"
            + " operator %s–%s, manifest %s–%s%n",
        what,
        operator.size(),
        seconds(operator.median()),
        seconds(manifest.median()),
        ratio,
        GOAL,
        ratio <= GOAL ? "met" : "MISSED",
        seconds(operator.min()),
        seconds(operator.max()),
        seconds(manifest.min()),
        seconds(manifest.max()));
  }

  private static String seconds(Duration duration) {
    return "%.2f s".formatted(duration.toMillis() / 1000.0);
  }
}
