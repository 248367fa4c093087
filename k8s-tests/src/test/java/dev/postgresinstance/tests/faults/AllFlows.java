package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Flows side by side, each on an instance of its own, again and again. */
final class AllFlows {

  /** All but growth, which would take longer than all others together. */
  private static final List<Flow> FLOWS =
      List.of(
          Flow.RELOAD,
          Flow.RESTART,
          Flow.ROTATION,
          Flow.PORT,
          Flow.SUSPEND,
          Flow.RESUME,
          Flow.RETURN);

  private final Given given;
  private final Map<Flow, Instance> instances = new EnumMap<>(Flow.class);
  private final Map<Flow, Witness> witnesses = new EnumMap<>(Flow.class);
  private int round;

  /** Applies the instances. */
  AllFlows(Given given) {
    this.given = given;
    FLOWS.forEach(flow -> instances.put(flow, builder(name(flow)).applied()));
    instances.values().forEach(instance -> Eventually.instance(instance).isReady());
    Flow.RESUME.after(instances.get(Flow.RESUME));
  }

  private InstanceBuilder builder(String name) {
    return given.instance(name).requests("10m", "64Mi");
  }

  private static String name(Flow flow) {
    return flow.name().toLowerCase(Locale.ROOT);
  }

  /** Waits until nothing more follows from what was asked before. */
  void rest() {
    assertThat(failures(eventually("is at rest", this::rests))).isEmpty();
    given.operator().recorder().waitUntilQuietIn(given.namespace());
  }

  private void rests(Flow flow, Instance instance) {
    assertThat(instance.ready().orElseThrow().getReason())
        .isEqualTo(flow == Flow.RESUME ? "Suspended" : "Running");
    assertThat(instance.resource().getStatus().observedGeneration())
        .isEqualTo(instance.resource().getMetadata().getGeneration());
  }

  /** Asks for all of them at once, and has each one looked at. */
  void begin() {
    round++;
    instances.put(Flow.CREATE, builder(name(Flow.CREATE) + "-" + round).notApplied());
    instances.forEach((flow, instance) -> witnesses.put(flow, Witness.of(instance)));
    instances.forEach((flow, instance) -> flow.begin(instance, round));
  }

  /** Waits until each of them is done and nothing more follows. */
  void end() {
    assertThat(failures(eventually("is done", this::isDone))).isEmpty();
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    assertThat(failures(eventually("is done still", this::isDone))).isEmpty();
  }

  private void isDone(Flow flow, Instance instance) throws Exception {
    flow.assertDone(instance, round);
  }

  /** Fails where anything has happened since the begin that no flow asks for. */
  void assertNothingElse() {
    assertThat(failures((flow, instance) -> witnesses.get(flow).assertNothingElse(flow)))
        .as("what nobody has asked for")
        .isEmpty();
  }

  /** Makes it possible to ask for all of them once more. */
  void again() {
    witnesses.values().forEach(Witness::close);
    witnesses.clear();
    instances.forEach(Flow::after);
    instances.remove(Flow.CREATE);
  }

  /** What is to hold of a flow and its instance. */
  private interface Check {
    void of(Flow flow, Instance instance) throws Exception;
  }

  private static Check eventually(String what, Check check) {
    return (flow, instance) ->
        Eventually.that("%s %s".formatted(flow, what), () -> check.of(flow, instance));
  }

  private List<String> failures(Check check) {
    List<String> failures = new ArrayList<>();
    instances.forEach(
        (flow, instance) -> {
          try {
            check.of(flow, instance);
          } catch (Exception | AssertionError e) {
            failures.add("%s: %s".formatted(flow, e));
          }
        });
    return failures;
  }
}
