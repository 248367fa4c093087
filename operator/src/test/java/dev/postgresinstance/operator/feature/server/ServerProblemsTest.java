package dev.postgresinstance.operator.feature.server;

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
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerProblemsTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult PENDING = new Pending();

  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot served = Snapshots.initialized();

  @ParameterizedTest
  @CsvSource({"2, Starting", "4, Creating"})
  void reportsCreatingWhenNewStatefulSetHasNoPodAfterThreeSeconds(long seconds, String reason) {
    // Given
    StatefulSet created =
        new StatefulSetBuilder()
            .withNewMetadata()
            .withName(served.instance().getMetadata().getName())
            .withCreationTimestamp(NOW.minusSeconds(seconds).toString())
            .endMetadata()
            .build();

    // When
    PostgresInstanceStatus status = Statuses.of(served.with(created), PENDING, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo(reason);
  }

  @Test
  void reportsStoppingPodWhateverTheLastLoginWas() {
    // When
    PostgresInstanceStatus status =
        Statuses.of(pod(Pods.terminating(Pods.started(served))), LOGGED_IN, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
    assertThat(Statuses.ready(status).getMessage())
        .isEqualTo("The pod is being stopped; a new one follows.");
  }

  @Test
  void isNotReadyBeforeDataIsRecordedAlthoughLoginSucceeds() {
    // Given
    Snapshot snapshot = Snapshots.withNodePort(fresh, 30432);

    // When
    PostgresInstanceStatus status =
        Statuses.of(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Starting");
    assertThat(Statuses.ready(status).getMessage())
        .isEqualTo("The server accepts logins; its data is not recorded yet.");
  }

  @Test
  void staysAvailableWhenAnotherProblemPreventsSuspension() {
    // Given
    Observation observation =
        new Observation(
            Snapshots.withSpec(pod(Pods.started(served)), "suspend: true"),
            LOGGED_IN,
            List.of(new Problem(Reason.CLAIM_TERMINATING, "because")),
            List.of());

    // When
    PostgresInstanceStatus status = Statuses.of(observation, NOW);

    // Then
    assertThat(Statuses.summary(status))
        .containsExactly(
            "Ready False ClaimTerminating",
            "Available True Running",
            "Stalled True ClaimTerminating");
  }

  @Test
  void suspendsAlthoughNoteIsReported() {
    // Given
    Snapshot snapshot = Snapshots.withSpec(pod(Pods.started(served)), "suspend: true");
    Problem atRisk =
        new Problem(ConditionType.DATA_AT_RISK, Reason.UNSAFE_PARAMETERS, "fsync is off");

    // When
    PostgresInstanceStatus status =
        Statuses.of(new Observation(snapshot, LOGGED_IN, List.of(atRisk), List.of()), NOW);

    // Then
    assertThat(Statuses.ready(status).getStatus()).isEqualTo("False");
    assertThat(Statuses.ready(status).getReason()).isEqualTo("Suspended");
  }

  @Test
  void staysAvailableWhenPausedBeforeSuspensionStoppedIt() {
    // Given
    Snapshot snapshot =
        Snapshots.withSpec(pod(Pods.started(served)), "{paused: true, suspend: true}");

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, LOGGED_IN, NOW);

    // Then
    assertThat(Statuses.summary(status))
        .containsExactly("Ready True Paused", "Available True Running");
  }

  @Test
  void namesCommandThatRepairsTheOwnershipOfFiles() {
    // Given
    Pod refused =
        Pods.backingOff(
            served, Pods.terminated(1, "Error", "VolumeAccessDenied: User 999 cannot use 17."));
    refused.getSpec().setNodeName("worker-1");

    // When
    PostgresInstanceStatus status = Statuses.of(pod(refused), PENDING, NOW);

    // Then
    assertThat(Statuses.ready(status).getReason()).isEqualTo("VolumeAccessDenied");
    assertThat(Statuses.ready(status).getMessage())
        .startsWith(
            "User 999 cannot use 17. If the volume is meant for this instance, give its files to"
                + " user 999: kubectl run -n shop orders-chown --image=")
        .contains(
            "chown -R 999:999 /pgdata && chmod -R u+rwX /pgdata",
            "\"claimName\":\"orders-data\"",
            "\"nodeName\":\"worker-1\"",
            "\"runAsUser\":0")
        .containsOnlyOnce("--overrides='{")
        .contains("}'");
  }

  private Snapshot pod(Pod pod) {
    return Snapshots.with(served, pod);
  }
}
