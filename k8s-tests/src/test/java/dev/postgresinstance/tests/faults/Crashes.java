package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.faults.Effects.Fault;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.TestCluster;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** One instance, or one after the other, whose operator has a fault at each effect of a flow. */
final class Crashes implements AutoCloseable {

  private static final Pattern EFFECT = Pattern.compile("effect (\\d+): (.*)");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** What comes after an instance is ready comes with the next pass. */
  private static final Duration REST = Duration.ofSeconds(3);

  /** A flow that has more effects than that never comes to rest. */
  private static final int MOST = 60;

  private final String namespace;
  private OperatorProcess operator;
  private int started;

  /** Those of that namespace, which no other operator serves. */
  Crashes(String namespace) {
    this.namespace = namespace;
    this.operator = start();
  }

  private OperatorProcess start() {
    started++;
    OperatorProcess process =
        OperatorProcess.start(
            "crashing-%s-%d".formatted(namespace, started),
            CrashingOperator.class.getName(),
            TestCluster.config().getMasterUrl(),
            Map.of("WATCH_NAMESPACES", namespace));
    waitFor(process, "serving now");
    return process;
  }

  private static void waitFor(OperatorProcess process, String line) {
    Eventually.that(line, () -> assertThat(process.log()).contains(line));
  }

  /**
   * Has the fault happen at each effect in turn, until there is none of that number; gives how many
   * there were.
   */
  int at(Fault fault, Flow flow, IntFunction<Instance> instances) throws Exception {
    for (int point = 1; point <= MOST; point++) {
      Instance instance = instances.apply(point);
      try (Witness witness = Witness.of(instance)) {
        Optional<String> effect = at(fault, point, flow, instance);
        witness.assertNothingElse(flow);
        System.out.printf(
            "%s %s at %d: %s%n", flow, fault, point, effect.orElse("there is none more"));
        if (effect.isEmpty()) {
          return point - 1;
        }
      }
      again(flow, instance);
    }
    throw new AssertionError(flow + " has more effects than " + MOST);
  }

  private Optional<String> at(Fault fault, int point, Flow flow, Instance instance)
      throws Exception {
    String plan = "%s %d".formatted(fault, point);
    int before = operator.log().length();
    operator.tell(plan);
    waitFor(operator, "planned " + plan);
    OperatorProcess first = operator;
    flow.begin(instance, point);
    Eventually.that(
        flow + " is done, or the operator has ended",
        () -> {
          if (first.isAlive()) {
            flow.assertDone(instance, point);
          }
        });
    waitForRest(first);
    if (fault == Fault.HALT && first.isAlive()) {
      first.signal("KILL"); // once after the last one, too
    }
    Optional<String> effect = effect(first.log().substring(before), point);
    if (fault == Fault.HALT) {
      first.exitCode(PATIENCE);
      operator = start();
    }
    Eventually.forGood(flow + " is done", () -> flow.assertDone(instance, point));
    return effect;
  }

  private void again(Flow flow, Instance instance) {
    flow.after(instance);
    if (instance.find().isPresent()) {
      Eventually.instance(instance).isReady();
    }
    waitForRest(operator);
  }

  /** Returns when it has told of no effect for a while, or has ended. */
  private static void waitForRest(OperatorProcess operator) {
    Awaitility.await("the operator has come to rest")
        .during(REST)
        .atMost(Duration.ofMinutes(1))
        .until(new Rest(operator)::isQuiet);
  }

  /** Whether a process has told nothing since it was asked last. */
  private static final class Rest {
    private final OperatorProcess operator;
    private int length;

    private Rest(OperatorProcess operator) {
      this.operator = operator;
    }

    private boolean isQuiet() {
      int now = operator.log().length();
      boolean same = now == length || !operator.isAlive();
      length = now;
      return same;
    }
  }

  private static Optional<String> effect(String log, int point) {
    return EFFECT
        .matcher(log)
        .results()
        .filter(found -> Integer.parseInt(found.group(1)) == point)
        .map(found -> found.group(2))
        .findFirst();
  }

  @Override
  public void close() {
    operator.close();
  }
}
