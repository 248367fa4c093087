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
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * One instance, or one after the other, and a process that serves the namespace in which they are.
 */
final class Lane implements AutoCloseable {

  private static final Pattern EFFECT = Pattern.compile("effect (\\d+): (.*)");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** What comes after an instance is ready comes with the next pass. */
  private static final Duration REST = Duration.ofSeconds(3);

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
   * @param namespace which no other operator serves
   * @param instances gives one more in it, for the flow to begin with
   */
  Lane(Flow flow, String namespace, Supplier<Instance> instances) {
    this.flow = flow;
    this.namespace = namespace;
    this.instances = instances;
  }

  /** Makes ready for the flow. */
  void begin() {
    start();
    instance = instances.get();
    round = 0;
    waitForRest(operator);
  }

  /** One that cannot begin to serve ends, and another one follows, as everywhere. */
  private void start() {
    startOne();
    Eventually.that(
        "it serves",
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

  /** Goes through the flow without a fault, and makes ready for it again. */
  Recording record() throws Exception {
    try (Witness witness = Witness.of(instance)) {
      List<String> effects = effects(faulty(Fault.NONE, 0)).map(MatchResult::group).toList();
      EndState end = EndState.of(instance, flow.value(round));
      witness.assertNothingElse(flow);
      again();
      return new Recording(effects, end);
    }
  }

  /**
   * Goes through the flow with that fault at the effect of that number, and makes ready for it
   * again; gives the effect, if there was one of that number.
   */
  Optional<String> at(Fault fault, int point, EndState expected) throws Exception {
    try (Witness witness = Witness.of(instance)) {
      Optional<String> effect =
          effects(faulty(fault, point))
              .filter(found -> Integer.parseInt(found.group(1)) == point)
              .map(found -> found.group(2))
              .findFirst();
      Eventually.that(flow + " is done", () -> flow.assertDone(instance, round));
      waitForRest(operator);
      Eventually.that(
          "the end is that without a fault",
          () -> EndState.of(instance, flow.value(round)).assertIs(expected));
      flow.assertDone(instance, round);
      witness.assertNothingElse(flow);
      again();
      return effect;
    }
  }

  /** Gives what the process has told that had the fault; if it has ended, another one serves. */
  private String faulty(Fault fault, int point) {
    round++;
    String plan = "%s %d".formatted(fault, point);
    int before = operator.log().length();
    operator.tell(plan);
    OperatorProcess first = operator;
    Eventually.that("planned", () -> assertThat(told(first, before)).contains("planned " + plan));
    flow.begin(instance, round);
    Eventually.that(
        flow + " is done, or the operator has ended",
        () -> {
          if (first.isAlive()) {
            flow.assertDone(instance, round);
          }
        });
    if (first.isAlive()) {
      waitForRest(first);
    }
    if (fault == Fault.HALT) {
      if (first.isAlive()) {
        first.signal("KILL"); // once after the last one, too
      }
      first.exitCode(PATIENCE);
      start();
    }
    return told(first, before);
  }

  private static String told(OperatorProcess process, int before) {
    return process.log().substring(before);
  }

  private static Stream<MatchResult> effects(String log) {
    return EFFECT.matcher(log).results();
  }

  private void again() {
    flow.after(instance);
    if (instance.find().isPresent()) {
      Eventually.instance(instance)
          .isReadyFor(flow == Flow.RESUME ? Reason.SUSPENDED : Reason.RUNNING);
    } else {
      instance = instances.get();
      round = 0;
    }
    waitForRest(operator);
  }

  /** Saves what a person wants to see of a failed point. */
  void save(String point) {
    Evidence.save("CrashTest." + point, instance, operator::log);
  }

  /** Makes ready for the flow after a failure, whatever that has left. */
  void beginAnew() {
    operator.close();
    if (instance.find().isPresent()) {
      instance.delete();
    }
    begin();
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

  /**
   * What a flow is without a fault.
   *
   * @param effects all by which the operator has changed the world, in their order
   */
  record Recording(List<String> effects, EndState end) {}

  @Override
  public void close() {
    if (operator != null) {
      operator.close();
    }
  }
}
