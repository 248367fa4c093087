package dev.postgresinstance.operator.feature.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExternalAccessTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult PENDING = new Pending();

  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot served = Snapshots.initialized();

  @Test
  void reportsExternalAccessWhenNodePortIsAllocated() {
    // Given
    Snapshot snapshot = Snapshots.withNodes(pod(Pods.started(served)), "10.0.0.1");

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, LOGGED_IN, NOW);

    // Then
    Condition external = externalAccess(status).orElseThrow();
    assertThat(external.getStatus()).isEqualTo("True");
    assertThat(external.getReason()).isEqualTo("Granted");
    assertThat(external.getMessage()).contains("10.0.0.1:30432");
  }

  @Test
  void namesPortWhenNoAddressOfNodeIsKnown() {
    // Given
    Snapshot snapshot = Snapshots.withNodes(pod(Pods.started(served)));

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, LOGGED_IN, NOW);

    // Then
    assertThat(externalAccess(status).orElseThrow().getMessage())
        .isEqualTo(
            "Clients outside the cluster connect to port 30432; the operator knows no address of a"
                + " node.");
  }

  @Test
  void keepsServerAvailableWhenNodePortIsUnavailable() {
    // Given
    Problem problem =
        new Problem(ConditionType.EXTERNAL_ACCESS_READY, Reason.NODE_PORT_UNAVAILABLE, "because");
    Observation observation =
        new Observation(pod(Pods.started(served)), LOGGED_IN, List.of(problem), List.of());

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    Condition external = externalAccess(status).orElseThrow();
    assertThat(external.getStatus()).isEqualTo("False");
    assertThat(external.getReason()).isEqualTo("NodePortUnavailable");
    assertThat(external.getMessage()).isEqualTo("because");
    assertThat(Statuses.ready(status).getReason()).isEqualTo("NodePortUnavailable");
    assertThat(Statuses.isTrue(status, ConditionType.AVAILABLE)).isTrue();
  }

  @Test
  void reportsPendingLoadBalancerOnceServerRuns() {
    // Given
    Snapshot snapshot =
        Snapshots.withData(
            Snapshots.withNodePort(Snapshots.of("service: {type: LoadBalancer}"), 30432));

    // When
    PostgresInstanceStatus starting =
        Statuses.of(Snapshots.with(snapshot, Pods.starting(snapshot)), PENDING, NOW);
    PostgresInstanceStatus started =
        Statuses.of(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN, NOW);

    // Then
    assertThat(Statuses.ready(starting).getReason()).isEqualTo("Starting");
    assertThat(Statuses.ready(started).getReason()).isEqualTo("LoadBalancerPending");
    assertThat(externalAccess(started).orElseThrow().getReason()).isEqualTo("LoadBalancerPending");
    assertThat(Statuses.isTrue(started, ConditionType.AVAILABLE)).isTrue();
  }

  @Test
  void omitsConditionForServiceOfTypeClusterIp() {
    // Given
    Snapshot snapshot = Snapshots.of("service: {type: ClusterIP}");

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, PENDING, NOW);

    // Then
    assertThat(externalAccess(status)).isEmpty();
  }

  @Test
  void isNoProblemThatServiceOfTypeClusterIpHasNoExternalAddress() {
    // Given
    Snapshot snapshot = Snapshots.of("service: {type: ClusterIP}");

    // When
    Optional<Problem> problem =
        ExternalAccess.problem(new Observation(snapshot, PENDING, List.of(), List.of()));

    // Then
    assertThat(problem).isEmpty();
  }

  @Test
  void reportsCreatingWhileThereIsNoService() {
    // When
    PostgresInstanceStatus status = Statuses.of(fresh, PENDING, NOW);

    // Then
    assertThat(externalAccess(status).orElseThrow().getReason()).isEqualTo("Creating");
  }

  private static Optional<Condition> externalAccess(PostgresInstanceStatus status) {
    return status.condition(ConditionType.EXTERNAL_ACCESS_READY);
  }

  private Snapshot pod(Pod pod) {
    return Snapshots.with(served, pod);
  }
}
