package dev.postgresinstance.tests.churn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.InstanceBuilder;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One instance with those who use it: somebody who changes it again and again, a few changes at a
 * time and then none until all of them are in force, and an application that writes.
 */
final class Tenant {

  private static final String RESTART = "postgresinstance.dev/restart";
  private static final int AT_ONCE = 3;

  private final Instance instance;
  private final Random random;
  private final History history;
  private final Starts starts;
  private final Writer writer;
  private final int port;
  private final Map<String, String> parameters = new LinkedHashMap<>();
  private final Map<String, String> ofPod = new LinkedHashMap<>();
  private final Map<String, Predicate<Instance>> expected = new LinkedHashMap<>();
  private final Deque<Runnable> undo = new ArrayDeque<>();
  private Optional<String> password = Optional.empty();
  private boolean paused;
  private boolean manual;
  private boolean waiting;
  private int size = 1;

  Tenant(Instance instance, Random random, History history, Starts starts, Writer writer) {
    this.instance = instance;
    this.random = random;
    this.history = history;
    this.starts = starts;
    this.writer = writer;
    this.port = instance.nodePort();
  }

  Instance instance() {
    return instance;
  }

  Starts starts() {
    return starts;
  }

  Writer writer() {
    return writer;
  }

  History history() {
    return history;
  }

  /** A few changes, one right after the other or each when the operator has seen the former. */
  void changeSomething(Consumer<Edit> counter) throws SQLException {
    int changes = number(1, AT_ONCE);
    for (int change = 0; change < changes; change++) {
      List<Edit> possible = Arrays.stream(Edit.values()).filter(e -> e.fits(this)).toList();
      Edit edit = possible.get(random.nextInt(possible.size()));
      history.note(edit);
      counter.accept(edit);
      edit.make(this);
      if (random.nextBoolean()) {
        Eventually.that("the operator has seen " + edit + " of " + instance, this::assertSeen);
      }
    }
    while (!undo.isEmpty()) {
      undo.pop().run();
    }
    settle();
  }

  /** Waits until all is in force; from then on no start has a reason. */
  void settle() throws SQLException {
    Eventually.that(instance + " has settled", this::assertSettled);
    starts.settled();
    assertInForce();
    writer.check();
  }

  /** From both ends, the last included. */
  int number(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  void change(String what, Consumer<InstanceBuilder> change) {
    history.note("   " + what);
    instance.change(change);
  }

  /** A change of the spec that needs a restart, if that is not what it says already. */
  void restarting(String what, String value, Consumer<InstanceBuilder> change) {
    if (!value.equals(ofPod.put(what, value))) {
      needsRestart(what);
    }
    change(what + " " + value, change);
  }

  void parameter(String name, String value, boolean restarts) {
    if (!value.equals(parameters.put(name, value)) && restarts) {
      needsRestart(name);
    }
    change(name + "=" + value, spec -> spec.parameter(name, value));
  }

  private void needsRestart(String what) {
    if (manual) {
      waiting = true;
    } else {
      starts.ask(what + " is changed");
    }
  }

  void changeRestartPolicy() {
    manual = !manual;
    if (manual) {
      waiting |= starts.isAsked(); // it may come too late
    } else if (waiting) {
      starts.ask("what waited need not wait any more");
    }
    String policy = manual ? "Manual" : "Immediate";
    change(policy, spec -> spec.restartPolicy(policy));
  }

  void suspend(boolean suspend) {
    if (!suspend) {
      starts.ask("it is not suspended any more");
    }
    change("suspend " + suspend, spec -> spec.suspend(suspend));
  }

  void pause(boolean pause) {
    paused = pause;
    change("pause " + pause, spec -> spec.paused(pause));
  }

  void changePassword() {
    String text = "pass word %d'\"".formatted(number(1, 1_000_000));
    history.note("   password " + text);
    Eventually.that(
        "the password can be edited", () -> Cluster.editPassword(instance.appSecret(), text));
    password = Optional.of(text);
  }

  /** A new one is made. */
  void forgetPassword() {
    password = Optional.empty();
  }

  /** Deletes a child by hand, if it is there; it is expected to come back. */
  void delete(Function<Instance, ? extends HasMetadata> child) {
    HasMetadata found = child.apply(instance);
    if (found != null) {
      String uid = found.getMetadata().getUid();
      history.note("   deleted: %s %s".formatted(found.getKind(), uid));
      expect(
          "another " + found.getKind() + " than " + uid,
          now -> !child.apply(now).getMetadata().getUid().equals(uid));
      Cluster.delete(found);
    }
  }

  void deleteAndReturn() {
    change("Retain", spec -> spec.deletionPolicy("Retain"));
    Eventually.that(
        instance + " would leave its data",
        () -> {
          assertSeen();
          assertThat(instance.resource().getStatus().storage().retained()).isTrue();
        });
    starts.ask("it is deleted and made again");
    instance.delete();
    change("made again", spec -> {});
  }

  String largerSize() {
    size++;
    return size + "Gi";
  }

  /** What has to be so before it counts as settled. */
  void expect(String what, Predicate<Instance> holds) {
    expected.put(what, holds);
  }

  void expectRestart(String token) {
    expect("restart", now -> token.equals(now.pod().getMetadata().getAnnotations().get(RESTART)));
  }

  void expectAnotherStart() {
    Pod before = instance.pod();
    expect(
        "another start",
        now ->
            !now.pod().getMetadata().getUid().equals(before.getMetadata().getUid())
                || Cluster.containerRestarts(now) > restarts(before));
  }

  /** What is undone after the last change. */
  void later(Runnable undoing) {
    undo.push(undoing);
  }

  boolean isUndisturbed() {
    return undo.isEmpty();
  }

  boolean isPaused() {
    return paused;
  }

  boolean restartsWait() {
    return manual;
  }

  /** Its processes are killed, and where something waits for a restart the pod is replaced, too. */
  void crash() {
    // What is killed before it has proven its configuration falls back to the one before.
    Eventually.instance(instance).isReady();
    starts.ask("its processes are killed");
    if (manual) {
      starts.ask("what waits needs another pod");
    }
    expectAnotherStart();
    Cluster.killContainerWhen(instance, "true");
  }

  void scaleToZero() {
    starts.ask("its StatefulSet is scaled by hand");
    expectAnotherStart();
    String set = "statefulset/" + instance.name();
    Eventually.that(
        set + " is there to be scaled",
        () -> Cluster.kubectl("-n", instance.namespace(), "scale", set, "--replicas=0"));
  }

  boolean operatorIsInCluster() {
    return Settings.operatorIsInstalled();
  }

  private static int restarts(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .mapToInt(container -> container.getRestartCount())
        .sum();
  }

  private void assertSeen() {
    assertSeen(instance.resource());
  }

  private static void assertSeen(PostgresInstance resource) {
    assertThat(resource.getStatus().observedGeneration())
        .isEqualTo(resource.getMetadata().getGeneration());
  }

  private void assertSettled() throws SQLException {
    PostgresInstance resource = instance.resource(); // read once: what it says belongs together
    assertSeen(resource);
    assertThat(resource.getStatus().conditions())
        .filteredOn(condition -> condition.getType().equals(ConditionType.READY.type()))
        .singleElement()
        .satisfies(
            ready ->
                assertThat(ready.getStatus() + " " + ready.getReason())
                    .as(ready.getMessage())
                    .isEqualTo("True Running"));
    waiting =
        resource.getStatus().conditions().stream()
            .anyMatch(c -> c.getType().equals(ConditionType.PENDING_RESTART.type()));
    expected.forEach((what, holds) -> assertThat(holds.test(instance)).as(what).isTrue());
    Pod pod = instance.pod();
    assertThat(pod.getMetadata().getDeletionTimestamp()).isNull();
    assertThat(starts.know(pod)).as("the watch knows the pod").isTrue();
    Client.connect(instance).close();
    expected.clear();
  }

  private void assertInForce() throws SQLException {
    assertThat(instance.nodePort()).as("port of %s", instance).isEqualTo(port);
    password.ifPresent(text -> assertThat(instance.credentials()).containsEntry("password", text));
    try (Client client = Client.connectSoon(instance)) {
      for (var parameter : parameters.entrySet()) {
        boolean waits = waiting && parameter.getKey().equals("max_connections");
        if (!waits) {
          assertThat(client.read("SHOW " + parameter.getKey()))
              .as("%s of %s", parameter.getKey(), instance)
              .isEqualTo(parameter.getValue());
        }
      }
    }
    if (!waiting) {
      assertThat(instance.pod()).as("pod of %s", instance).satisfies(this::assertPod);
    }
  }

  private void assertPod(Pod pod) {
    var resources = pod.getSpec().getContainers().getFirst().getResources();
    ofPod.forEach(
        (what, value) ->
            assertThat(
                    switch (what) {
                      case "requests" -> resources.getRequests().get("memory").toString();
                      case "limit" -> resources.getLimits().get("memory").toString();
                      case "label" -> pod.getMetadata().getLabels().get("team");
                      default -> pod.getMetadata().getAnnotations().get("note");
                    })
                .as(what)
                .isEqualTo(value));
  }
}
