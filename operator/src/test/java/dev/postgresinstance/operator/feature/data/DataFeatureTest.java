package dev.postgresinstance.operator.feature.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import org.junit.jupiter.api.Test;

class DataFeatureTest {

  private final DataFeature feature = new DataFeature();
  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot initialized = Snapshots.initialized();

  @Test
  void acceptsSpecThatMatchesTheData() {
    assertThatCode(() -> feature.preflight(input(fresh))).doesNotThrowAnyException();
    assertThatCode(() -> feature.preflight(input(initialized))).doesNotThrowAnyException();
  }

  @Test
  void changesNothingWhileClaimIsBeingDeleted() {
    // Given
    Snapshot snapshot =
        initialized.with(
            new PersistentVolumeClaimBuilder(initialized.get(ObjectKey.CLAIM).orElseThrow())
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build());

    // When
    Abort abort = catchThrowableOfType(Abort.class, () -> feature.preflight(input(snapshot)));

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CLAIM_TERMINATING);
    assertThat(abort)
        .hasMessageStartingWith("Claim orders-data is being deleted.")
        .hasMessageContaining("does not stop the pod");
  }

  @Test
  void changesNothingForSpecThatDoesNotMatchTheData() {
    // Given
    Snapshot snapshot = Snapshots.withSpec(initialized, "version: '16'");

    // When
    Abort abort = catchThrowableOfType(Abort.class, () -> feature.preflight(input(snapshot)));

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.SPEC_DOES_NOT_MATCH_DATA);
  }

  @Test
  void reportsRecordedData() {
    // When
    PostgresInstanceStatus status = Statuses.of(initialized, new Pending(), Pods.NOW);

    // Then
    assertThat(status.systemIdentifier()).isEqualTo("7300000000000000001");
    assertThat(initializedCondition(status)).isEqualTo("True DataRecorded");
  }

  @Test
  void reportsMissingRecordWithReasonOfUnavailableServer() {
    // Given
    Snapshot snapshot = Snapshots.with(fresh, Pods.waiting(fresh, "ErrImagePull", "not found"));

    // When
    PostgresInstanceStatus status = Statuses.of(snapshot, new Pending(), Pods.NOW);

    // Then
    assertThat(status.systemIdentifier()).isNull();
    assertThat(initializedCondition(status)).isEqualTo("False ImageUnavailable");
  }

  private static ReconcileInput input(Snapshot snapshot) {
    return input(snapshot, new Pending());
  }

  private static ReconcileInput input(Snapshot snapshot, LoginResult login) {
    return ReconcileInputs.of(snapshot, login);
  }

  private static String initializedCondition(PostgresInstanceStatus status) {
    Condition condition = status.condition(ConditionType.INITIALIZED).orElseThrow();
    return condition.getStatus() + " " + condition.getReason();
  }
}
