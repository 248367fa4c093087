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
 * One instance under churn with its users: a thread that repeatedly makes a few changes and waits
 * until all of them are in effect, and an application that writes.
 */
final class Tenant {

  private static final String RESTART = "postgresinstance.dev/restart";
  private static final int MAX_CHANGES = 3;

  private final Instance instance;
  private final Random random;
  private final History history;
  private final ServerStarts starts;
  private final Writer writer;
  private final int port;
  private final Map<String, String> parameters = new LinkedHashMap<>();
  private final Map<String, String> podSettings = new LinkedHashMap<>();
  private final Map<String, Predicate<Instance>> expected = new LinkedHashMap<>();
  private final Deque<Runnable> undo = new ArrayDeque<>();
  private Optional<String> password = Optional.empty();
  private boolean paused;
  private boolean manual;
  private boolean restartPending;
  private int size = 1;

  Tenant(Instance instance, Random random, History history, ServerStarts starts, Writer writer) {
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

  ServerStarts starts() {
    return starts;
  }

  Writer writer() {
    return writer;
  }

  History history() {
    return history;
  }

  /** Makes a few changes; at random, waits after a change until the operator has observed it. */
  void changeSomething(Consumer<Edit> counter) throws SQLException {
    int changes = number(1, MAX_CHANGES);
    for (int change = 0; change < changes; change++) {
      List<Edit> possibleEdits =
          Arrays.stream(Edit.values()).filter(e -> e.isPossible(this)).toList();
      Edit edit = possibleEdits.get(random.nextInt(possibleEdits.size()));
      history.note(edit);
      counter.accept(edit);
      edit.apply(this);
      if (random.nextBoolean()) {
        Eventually.that(
            "the operator has observed " + edit + " of " + instance, this::assertObserved);
      }
    }
    while (!undo.isEmpty()) {
      undo.pop().run();
    }
    settle();
  }

  /** Waits until all changes are in effect; from then on no start is allowed. */
  void settle() throws SQLException {
    Eventually.that(instance + " has settled", this::assertSettled);
    starts.settled();
    assertInEffect();
    writer.check();
  }

  /** A random number from least to most, both inclusive. */
  int number(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  void change(String what, Consumer<InstanceBuilder> change) {
    history.note("   " + what);
    instance.change(change);
  }

  /** Changes a field whose change requires a restart, unless it already has this value. */
  void restarting(String what, String value, Consumer<InstanceBuilder> change) {
    if (!value.equals(podSettings.put(what, value))) {
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
      restartPending = true;
    } else {
      starts.allow(what + " is changed");
    }
  }

  void changeRestartPolicy() {
    manual = !manual;
    if (manual) {
      restartPending |=
          starts.isAllowed(); // the allowed restart may not happen before the policy changes
    } else if (restartPending) {
      starts.allow("the restart policy is Immediate again");
    }
    String policy = manual ? "Manual" : "Immediate";
    change(policy, spec -> spec.restartPolicy(policy));
  }

  void suspend(boolean suspend) {
    if (!suspend) {
      starts.allow("the instance is resumed");
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

  /** The operator generates a new password. */
  void forgetPassword() {
    password = Optional.empty();
  }

  /** Deletes a child object, if it exists, and expects the operator to recreate it. */
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

  void deleteAndRecreate() {
    change("Retain", spec -> spec.deletionPolicy("Retain"));
    Eventually.that(
        instance + " would keep its data",
        () -> {
          assertObserved();
          assertThat(instance.resource().getStatus().storage().retained()).isTrue();
        });
    starts.allow("the instance is deleted and recreated");
    instance.delete();
    change("recreated", spec -> {});
  }

  String largerSize() {
    size++;
    return size + "Gi";
  }

  /** Adds a condition that must hold before the instance counts as settled. */
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

  /** Registers an action that undoes a change after the last change of the round. */
  void later(Runnable action) {
    undo.push(action);
  }

  boolean hasNoPendingUndo() {
    return undo.isEmpty();
  }

  boolean isPaused() {
    return paused;
  }

  boolean hasManualRestartPolicy() {
    return manual;
  }

  /** Kills the processes of the server; with a pending restart, the pod is replaced as well. */
  void crash() {
    // A server that is killed before it has proven its configuration falls back to the previous
    // one.
    Eventually.instance(instance).isReady();
    starts.allow("the processes are killed");
    if (manual) {
      starts.allow("the pending change needs a new pod");
    }
    expectAnotherStart();
    Cluster.killContainerWhen(instance, "true");
  }

  void scaleToZero() {
    starts.allow("the StatefulSet is scaled manually");
    expectAnotherStart();
    String set = "statefulset/" + instance.name();
    Eventually.that(
        set + " can be scaled",
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

  private void assertObserved() {
    assertObserved(instance.resource());
  }

  private static void assertObserved(PostgresInstance resource) {
    assertThat(resource.getStatus().observedGeneration())
        .isEqualTo(resource.getMetadata().getGeneration());
  }

  private void assertSettled() throws SQLException {
    PostgresInstance resource =
        instance.resource(); // read once, so that all values are from the same state
    assertObserved(resource);
    assertThat(resource.getStatus().conditions())
        .filteredOn(condition -> condition.getType().equals(ConditionType.READY.type()))
        .singleElement()
        .satisfies(
            ready ->
                assertThat(ready.getStatus() + " " + ready.getReason())
                    .as(ready.getMessage())
                    .isEqualTo("True Running"));
    restartPending =
        resource.getStatus().conditions().stream()
            .anyMatch(c -> c.getType().equals(ConditionType.PENDING_RESTART.type()));
    expected.forEach((what, holds) -> assertThat(holds.test(instance)).as(what).isTrue());
    Pod pod = instance.pod();
    assertThat(pod.getMetadata().getDeletionTimestamp()).isNull();
    assertThat(starts.hasObserved(pod)).as("the watch has observed the pod").isTrue();
    Client.connect(instance).close();
    expected.clear();
  }

  private void assertInEffect() throws SQLException {
    assertThat(instance.nodePort()).as("port of %s", instance).isEqualTo(port);
    password.ifPresent(text -> assertThat(instance.credentials()).containsEntry("password", text));
    try (Client client = Client.connectSoon(instance)) {
      for (var parameter : parameters.entrySet()) {
        boolean isPending = restartPending && parameter.getKey().equals("max_connections");
        if (!isPending) {
          assertThat(client.read("SHOW " + parameter.getKey()))
              .as("%s of %s", parameter.getKey(), instance)
              .isEqualTo(parameter.getValue());
        }
      }
    }
    if (!restartPending) {
      assertThat(instance.pod()).as("pod of %s", instance).satisfies(this::assertPod);
    }
  }

  private void assertPod(Pod pod) {
    var resources = Cluster.serverIn(pod).getResources();
    podSettings.forEach(
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
