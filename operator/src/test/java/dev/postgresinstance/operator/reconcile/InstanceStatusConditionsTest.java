package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Transitions;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each condition of an instance is there from the start; a note only while it is true. */
class InstanceStatusConditionsTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  private final Snapshot fresh = Snapshots.of("{}");

  @Test
  void newInstanceHasAllConditions() {
    assertThat(conditions(Statuses.of(fresh, new Pending(), NOW)))
        .containsExactly(
            "Ready False Creating",
            "Available False Creating",
            "CredentialsInSync Unknown Creating",
            "CertificateReady Unknown Creating",
            "ExternalAccessReady False Creating",
            "Initialized False Creating",
            "Reconciling True Creating",
            "StorageReady Unknown Creating");
  }

  @Test
  void startingInstanceWithoutVolumeHasAllConditions() {
    // Given
    Snapshot starting = Snapshots.with(fresh, Pods.starting(fresh));

    // Then
    assertThat(conditions(Statuses.of(starting, new Pending(), NOW)))
        .containsExactly(
            "Ready False Starting",
            "Available False Starting",
            "CredentialsInSync Unknown Starting",
            "CertificateReady False RestartRequired",
            "ExternalAccessReady False Creating",
            "Initialized False Starting",
            "Reconciling True Starting",
            "StorageReady Unknown Starting");
  }

  @Test
  void onlyExternalAccessIsMissingForServiceOfTypeClusterIp() {
    // Given
    Snapshot internal = Snapshots.of("{service: {type: ClusterIP}, suspend: true}");

    // Then
    assertThat(conditions(Statuses.of(internal, new Pending(), NOW)))
        .containsExactly(
            "Ready True Suspended",
            "Available False Suspended",
            "CredentialsInSync Unknown Suspended",
            "CertificateReady Unknown Suspended",
            "Initialized False Suspended",
            "StorageReady Unknown Suspended");
  }

  @Test
  void runningInstanceHasVolume() {
    // Given
    Snapshot served = Snapshots.resizing("1Gi", "1Gi", Map.of());

    // Then
    assertThat(
            conditions(
                Statuses.of(
                    Snapshots.with(served, Pods.started(served)),
                    new LoggedIn("17.6", ServerFindings.NONE),
                    NOW)))
        .contains("StorageReady True VolumeReady");
  }

  @Test
  void instanceThatWasNeverReadHasAllConditions() {
    // Given
    PostgresInstance instance = fresh.instance();

    // Then
    assertThat(conditions(unread(instance)))
        .containsExactly(
            "Ready False MissingRight",
            "Available Unknown MissingRight",
            "CredentialsInSync Unknown MissingRight",
            "CertificateReady Unknown MissingRight",
            "ExternalAccessReady Unknown MissingRight",
            "Initialized Unknown MissingRight",
            "Reconciling True MissingRight",
            "StorageReady Unknown MissingRight");
  }

  @Test
  void instanceWithoutReadableSpecHasConditionsOfEveryInstance() {
    // Given
    PostgresInstance instance = fresh.instance();
    instance.setSpec(null);

    // Then
    assertThat(conditions(unread(instance)))
        .hasSize(7)
        .noneMatch(condition -> condition.startsWith("ExternalAccessReady"));
  }

  @Test
  void unknownConditionsCauseNoEvents() {
    // Given
    PostgresInstanceStatus status = Statuses.of(fresh, new Pending(), NOW);
    PostgresInstanceStatus unread = unread(fresh.instance());

    // Then: the creation of the objects causes an Event of its own
    assertThat(Transitions.of(null, status)).isEmpty();
    assertThat(Transitions.of(null, unread))
        .extracting(EventMessage::reason)
        .containsExactly("MissingRight");
  }

  private static PostgresInstanceStatus unread(PostgresInstance instance) {
    return InstanceStatus.unread(instance, new Problem(Reason.MISSING_RIGHT, "because"), NOW);
  }

  private static List<String> conditions(PostgresInstanceStatus status) {
    return status.conditions().stream()
        .map(c -> "%s %s %s".formatted(c.getType(), c.getStatus(), c.getReason()))
        .toList();
  }
}
