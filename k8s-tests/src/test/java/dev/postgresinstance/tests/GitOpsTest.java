package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.GitOpsHealth;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.StateHistory;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** GitOps tools see exactly the expected health in each state of an instance, and no other. */
class GitOpsTest {

  private static final GitOpsHealth IN_PROGRESS =
      new GitOpsHealth("InProgress", "Progressing", "InProgress");
  private static final GitOpsHealth CURRENT = new GitOpsHealth("Current", "Healthy", "Current");
  private static final GitOpsHealth SUSPENDED = new GitOpsHealth("Current", "Suspended", "Current");
  private static final GitOpsHealth FAILED = new GitOpsHealth("Failed", "Degraded", "Failed");
  private static final GitOpsHealth TERMINATING =
      new GitOpsHealth("Terminating", "Progressing", "InProgress");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance orders;
  private static List<GitOpsHealth> healthDuringCreation;

  @BeforeAll
  static void instance() {
    // Given
    try (StateHistory history = StateHistory.of(given.namespace(), "orders")) {
      orders = given.instance("orders").running();
      Eventually.that(
          "the history ends with the ready instance",
          () -> assertThat(history.health()).endsWith(CURRENT));
      healthDuringCreation = history.health();
    }
  }

  @Test
  void newInstanceIsInProgressFromTheBeginning() {
    assertThat(healthDuringCreation).containsExactly(IN_PROGRESS, CURRENT);
  }

  @Test
  void changeIsInProgressUntilItIsInEffect() {
    // Given
    try (StateHistory history = StateHistory.of(orders)) {

      // When: it needs a restart
      orders.change(spec -> spec.parameter("max_connections", "57"));

      // Then
      waitFor(history, CURRENT, IN_PROGRESS, CURRENT);
      assertThat(Cluster.psql(orders, "SHOW max_connections")).isEqualTo("57");
    }
  }

  @Test
  void invalidChangeIsFailedUntilItIsCorrected() {
    // Given
    try (StateHistory history = StateHistory.of(orders)) {

      // When
      orders.change(spec -> spec.version("18"));

      // Then
      waitFor(history, CURRENT, IN_PROGRESS, FAILED);
      Eventually.instance(orders).isNotReady(Reason.SPEC_DOES_NOT_MATCH_DATA);

      // When
      orders.change(spec -> spec.version("17"));

      // Then
      waitFor(history, CURRENT, IN_PROGRESS, FAILED, IN_PROGRESS, CURRENT);
    }
  }

  @Test
  @Tag("long")
  void conflictAtCreationIsFailedUntilItIsResolved() {
    // Given
    Service foreign = given.object(foreignService("blocked"));
    try (StateHistory history = StateHistory.of(given.namespace(), "blocked")) {

      // When
      Instance blocked = given.instance("blocked").applied();

      // Then
      waitFor(history, IN_PROGRESS, FAILED);
      Eventually.instance(blocked).isNotReady(Reason.CONFLICT);

      // When
      Cluster.delete(foreign);

      // Then
      waitFor(history, IN_PROGRESS, FAILED, IN_PROGRESS, CURRENT);
    }
  }

  @Test
  @Tag("long")
  void suspendedInstanceHasHealthOfItsOwn() {
    // Given
    try (StateHistory history = StateHistory.of(given.namespace(), "night")) {

      // When
      Instance night = given.instance("night").parameter("fsync", "off").suspend(true).applied();

      // Then
      waitFor(history, IN_PROGRESS, SUSPENDED);

      // When
      night.change(spec -> spec.suspend(false));

      // Then
      waitFor(history, IN_PROGRESS, SUSPENDED, IN_PROGRESS, CURRENT);

      // When
      night.change(spec -> spec.suspend(true));

      // Then
      waitFor(history, IN_PROGRESS, SUSPENDED, IN_PROGRESS, CURRENT, IN_PROGRESS, SUSPENDED);
    }
  }

  @Test
  void instanceBeingDeletedIsTerminating() {
    // Given: a finalizer of another owner, so that the deletion can be observed
    Instance gone = given.instance("gone").suspend(true).applied();
    Eventually.instance(gone).isReadyFor(Reason.SUSPENDED);
    setFinalizers(gone, List.of("example.com/held"));
    try (StateHistory history = StateHistory.of(gone)) {

      // When
      Cluster.delete(gone.resource());

      // Then
      waitFor(history, SUSPENDED, TERMINATING);
    } finally {
      setFinalizers(gone, List.of());
    }
  }

  /** Waits for exactly these states, in this order. */
  private static void waitFor(StateHistory history, GitOpsHealth... states) {
    Eventually.that(
        "GitOps tools see " + states[states.length - 1],
        () -> assertThat(history.health()).hasSizeGreaterThanOrEqualTo(states.length));
    assertThat(history.health()).containsExactly(states);
  }

  private static void setFinalizers(Instance instance, List<String> finalizers) {
    Cluster.edit(instance.resource(), now -> now.getMetadata().setFinalizers(finalizers));
  }

  private static Service foreignService(String name) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .addNewPort()
        .withPort(80)
        .endPort()
        .endSpec()
        .build();
  }
}
