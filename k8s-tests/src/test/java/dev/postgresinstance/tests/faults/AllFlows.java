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

/** Runs several flows concurrently and repeatedly, each on its own instance. */
final class AllFlows {

  /** All flows except growth, which would take longer than all others together. */
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
  private final Map<Flow, InstanceRecorder> recorders = new EnumMap<>(Flow.class);
  private int round;

  /** Creates the instances and waits until they are ready. */
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

  /** Waits until the operator has nothing left to do from the previous round. */
  void waitUntilIdle() {
    assertThat(failures(eventually("is idle", this::assertIdle))).isEmpty();
    given.operator().recorder().waitUntilQuietIn(given.namespace());
  }

  private void assertIdle(Flow flow, Instance instance) {
    assertThat(instance.ready().orElseThrow().getReason())
        .isEqualTo(flow == Flow.RESUME ? "Suspended" : "Running");
    assertThat(instance.resource().getStatus().observedGeneration())
        .isEqualTo(instance.resource().getMetadata().getGeneration());
  }

  /** Starts to record each instance, then starts all flows at once. */
  void begin() {
    round++;
    instances.put(Flow.CREATE, builder(name(Flow.CREATE) + "-" + round).notApplied());
    instances.forEach((flow, instance) -> recorders.put(flow, InstanceRecorder.of(instance)));
    instances.forEach((flow, instance) -> flow.begin(instance, round));
  }

  /** Waits until all flows are done and the operator has nothing left to do. */
  void end() {
    assertThat(failures(eventually("is done", this::assertDone))).isEmpty();
    given.operator().recorder().waitUntilQuietIn(given.namespace());
    assertThat(failures(eventually("is still done", this::assertDone))).isEmpty();
  }

  private void assertDone(Flow flow, Instance instance) throws Exception {
    flow.assertDone(instance, round);
  }

  /** Fails if a flow had effects other than the expected ones since {@link #begin}. */
  void assertNothingElse() {
    assertThat(failures((flow, instance) -> recorders.get(flow).assertNothingElse(flow)))
        .as("unexpected effects")
        .isEmpty();
  }

  /** Prepares the instances for the next round. */
  void reset() {
    recorders.values().forEach(InstanceRecorder::close);
    recorders.clear();
    instances.forEach(Flow::after);
    instances.remove(Flow.CREATE);
  }

  /** An assertion about a flow and its instance. */
  private interface Check {
    void assertHolds(Flow flow, Instance instance) throws Exception;
  }

  private static Check eventually(String what, Check check) {
    return (flow, instance) ->
        Eventually.that("%s %s".formatted(flow, what), () -> check.assertHolds(flow, instance));
  }

  private List<String> failures(Check check) {
    List<String> failures = new ArrayList<>();
    instances.forEach(
        (flow, instance) -> {
          try {
            check.assertHolds(flow, instance);
          } catch (Exception | AssertionError e) {
            failures.add("%s: %s".formatted(flow, e));
          }
        });
    return failures;
  }
}
