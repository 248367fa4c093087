package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.ReconcileInputs;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AccessFeatureTest {

  private static final Credentials PUBLISHED = new Credentials("old", true, "operator", "salt");
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);

  private final AccessFeature feature = new AccessFeature();
  private final Snapshot published = published(Snapshots.initialized());

  @Test
  void writesNothingNewWhileRotatedPasswordIsNotProven() {
    // Given
    Snapshot rotating = requestingRotation(published);

    // When
    Child<Secret> app = child(rotating, new Pending(), ObjectKey.APP_SECRET).orElseThrow();

    // Then
    assertThat(app.desired()).isEqualTo(published.get(ObjectKey.APP_SECRET).orElseThrow());
    assertThat(app.action()).isEmpty();
  }

  @Test
  void deletesPublishedSecretWithInstanceAlsoWhileRotatedPasswordIsNotProven() {
    // Given
    Snapshot rotating = requestingRotation(Snapshots.withSpec(published, "deletionPolicy: Delete"));

    // When
    Child<Secret> app = child(rotating, new Pending(), ObjectKey.APP_SECRET).orElseThrow();

    // Then
    assertThat(app.desired().getMetadata().getOwnerReferences()).hasSize(1);
    assertThat(password(app)).contains("old");
    assertThat(Rotation.isDue(rotating.with(app.desired()), Pods.NOW)).isTrue();
  }

  @Test
  void publishesRotatedPasswordOnceLoginHasProvenIt() {
    // Given
    Snapshot rotating = requestingRotation(published);
    Snapshot pending =
        rotating.with(
            child(rotating, new Pending(), ObjectKey.OPERATOR_SECRET).orElseThrow().desired());

    // When
    Child<Secret> app = child(pending, LOGGED_IN, ObjectKey.APP_SECRET).orElseThrow();

    // Then
    assertThat(password(app)).contains("new");
    assertThat(app.action().map(EventMessage::message))
        .contains("Published a new password in Secret orders-app.");
    assertThat(Rotation.isDue(pending.with(app.desired()), Pods.NOW)).isFalse();
  }

  @Test
  void publishesNoUnprovenPasswordOfExistingData() {
    assertThat(child(Snapshots.initialized(), new Pending(), ObjectKey.APP_SECRET)).isEmpty();
  }

  private static Optional<String> password(Child<Secret> child) {
    return SecretData.text(Optional.of(child.desired()), SecretData.PASSWORD);
  }

  private Optional<Child<Secret>> child(
      Snapshot snapshot, LoginResult login, ObjectKey<Secret> key) {
    ReconcileInput input =
        ReconcileInputs.of(snapshot, snapshot, login, new NewPasswords(() -> "new"));
    return Stream.of(WritePhase.PUBLISHED_SECRETS, WritePhase.OPERATOR_SECRET)
        .flatMap(phase -> feature.children(phase, input).stream())
        .filter(child -> child.key().equals(key))
        .map(child -> Child.of(key, (Secret) child.desired()).reporting(child.action()))
        .findFirst();
  }

  private static Snapshot published(Snapshot snapshot) {
    return snapshot
        .with(OperatorSecret.desired(snapshot, PUBLISHED, Optional.empty(), false))
        .with(AppSecret.desired(snapshot, PUBLISHED, DataRecord.of(snapshot), Pods.NOW));
  }

  private static Snapshot requestingRotation(Snapshot snapshot) {
    snapshot.instance().getMetadata().setAnnotations(Map.of(Rotation.ROTATE_PASSWORD, "please"));
    return snapshot;
  }
}
