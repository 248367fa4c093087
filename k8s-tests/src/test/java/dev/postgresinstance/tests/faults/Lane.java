package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.faults.Effects.Fault;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Evidence;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A namespace with one instance at a time and an operator process that serves only this namespace.
 */
final class Lane implements AutoCloseable {

  private static final Pattern EFFECT =
      Pattern.compile("effect (\\d+): (.*) \\(after (\\d+) ms\\)");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** After an instance is ready, further effects come with the next reconciliation. */
  private static final Duration IDLE = Duration.ofSeconds(3);

  private final Flow flow;
  private final String namespace;
  private final Supplier<Instance> instances;
  private OperatorProcess operator;
  private Instance instance;
  private int started;
  private int round;

  /**
   * A lane for a flow.
   *
   * @param namespace a namespace that no other operator serves
   * @param instances creates another instance in the namespace, in the state from which the flow
   *     starts
   */
  Lane(Flow flow, String namespace, Supplier<Instance> instances) {
    this.flow = flow;
    this.namespace = namespace;
    this.instances = instances;
  }

  /** Starts the operator and prepares an instance for the flow. */
  void begin() {
    start();
    instance = instances.get();
    round = 0;
    waitUntilIdle(operator);
  }

  /**
   * Starts an operator; an operator that exits before it serves is restarted, as in a Deployment.
   */
  private void start() {
    startOne();
    Eventually.that(
        "the operator serves",
        () -> {
          if (!operator.isAlive()) {
            startOne();
          }
          assertThat(operator.log()).contains("serving now");
        });
  }

  private void startOne() {
    started++;
    operator =
        OperatorProcess.start(
            "%s-%s-%d".formatted(namespace, flow.name().toLowerCase(Locale.ROOT), started),
            CrashingOperator.class.getName(),
            TestCluster.config().getMasterUrl(),
            Map.of("WATCH_NAMESPACES", namespace));
  }

  /** Runs the flow without a fault, and prepares the next run. */
  Recording record() throws Exception {
    try (InstanceRecorder recorder = InstanceRecorder.of(instance)) {
      List<Effect> effects = effects(runWithFault(Fault.NONE, 0)).toList();
      EndState end = EndState.of(instance, flow.value(round));
      recorder.assertNothingElse(flow);
      reset();
      return new Recording(flow, effects, end);
    }
  }

  /**
   * Runs the flow with the fault at the effect of the given number, and prepares the next run.
   * Returns the effect, if there was one of that number.
   */
  Optional<String> at(Fault fault, int point, EndState expected) throws Exception {
    try (InstanceRecorder recorder = InstanceRecorder.of(instance)) {
      Optional<String> effect =
          effects(runWithFault(fault, point))
              .filter(found -> found.number() == point)
              .map(Effect::what)
              .findFirst();
      Eventually.that(flow + " is done", () -> flow.assertDone(instance, round));
      waitUntilIdle(operator);
      Eventually.that(
          "the end state is that without a fault",
          () -> EndState.of(instance, flow.value(round)).assertIs(expected));
      flow.assertDone(instance, round);
      recorder.assertNothingElse(flow);
      reset();
      return effect;
    }
  }

  /**
   * Runs the flow and returns the output of the faulty process; restarts the operator if it has
   * halted.
   */
  private String runWithFault(Fault fault, int point) {
    round++;
    String plan = "%s %d".formatted(fault, point);
    int before = operator.log().length();
    operator.writeLine(plan);
    OperatorProcess first = operator;
    Eventually.that(
        "planned", () -> assertThat(outputSince(first, before)).contains("planned " + plan));
    flow.begin(instance, round);
    Eventually.that(
        flow + " is done, or the operator has exited",
        () -> {
          if (first.isAlive()) {
            flow.assertDone(instance, round);
          }
        });
    if (first.isAlive()) {
      waitUntilIdle(first);
    }
    if (fault == Fault.HALT) {
      if (first.isAlive()) {
        first.signal("KILL"); // the point after the last effect
      }
      first.exitCode(PATIENCE);
      start();
    }
    return outputSince(first, before);
  }

  private static String outputSince(OperatorProcess process, int before) {
    return process.log().substring(before);
  }

  private static Stream<Effect> effects(String log) {
    return EFFECT
        .matcher(log)
        .results()
        .map(
            found ->
                new Effect(
                    Integer.parseInt(found.group(1)),
                    found.group(2),
                    Duration.ofMillis(Long.parseLong(found.group(3)))));
  }

  private void reset() {
    flow.after(instance);
    if (instance.find().isPresent()) {
      Eventually.instance(instance)
          .isReadyFor(flow == Flow.RESUME ? Reason.SUSPENDED : Reason.RUNNING);
    } else {
      instance = instances.get();
      round = 0;
    }
    waitUntilIdle(operator);
  }

  /** Saves the evidence of a failed point. */
  void save(String point) {
    Evidence.save("CrashTest." + point, instance, operator::log);
  }

  /** Starts over with a new operator and a new instance after a failure. */
  void restart() {
    operator.close();
    if (instance.find().isPresent()) {
      instance.delete();
    }
    begin();
  }

  /** Waits until the operator has logged nothing for a while, or has exited. */
  private static void waitUntilIdle(OperatorProcess operator) {
    Awaitility.await("the operator is idle")
        .during(IDLE)
        .atMost(Duration.ofMinutes(1))
        .until(new IdleCheck(operator)::isIdle);
  }

  /** Checks whether the output of a process has grown since the last check. */
  private static final class IdleCheck {
    private final OperatorProcess operator;
    private int length;

    private IdleCheck(OperatorProcess operator) {
      this.operator = operator;
    }

    private boolean isIdle() {
      int now = operator.log().length();
      boolean same = now == length || !operator.isAlive();
      length = now;
      return same;
    }
  }

  /**
   * An effect of the operator.
   *
   * @param number 1 for the first effect of the flow
   * @param pause the time since the effect before it or, for the first one, since the plan
   */
  record Effect(int number, String what, Duration pause) {

    @Override
    public String toString() {
      return "effect %d: %s (after %d ms)".formatted(number, what, pause.toMillis());
    }
  }

  /**
   * A flow without a fault.
   *
   * @param effects all effects of the operator, in order
   */
  record Recording(Flow flow, List<Effect> effects, EndState end) {

    /**
     * Each step follows the one before at once: none waits for a periodic reconciliation. Where a
     * flow starts a server or a Job, one pause is that.
     */
    void assertNoPause() {
      assertThat(effects)
          .as("effects of %s after a pause, apart from Jobs and starts of a server", flow)
          .filteredOn(effect -> effect.pause().compareTo(LONGEST_PAUSE) > 0)
          .hasSizeLessThanOrEqualTo(flow.waits());
    }
  }

  @Override
  public void close() {
    if (operator != null) {
      operator.close();
    }
  }
}
