package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PasswordRotationStatus;
import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {

  private static final Credentials PERSISTED =
      new Credentials("persisted", true, "persisted-operator", "salt");
  private static final Credentials ROTATED =
      new Credentials("rotated", true, "persisted-operator", "salt");
  private static final Instant NOW = Pods.NOW;
  private static final Instant HOUR_LATER = NOW.plusSeconds(3600);

  @Test
  void persistsThenSetsThenPublishesNewPassword() {
    // Given
    Snapshot snapshot = requestingRotation(withPublishedPassword("{}"), "please");

    // When
    Credentials first = Credentials.of(snapshot, new NewPasswords(() -> "new"), NOW);
    Snapshot persisted =
        snapshot.with(OperatorSecret.desired(snapshot, first, Optional.empty(), false));
    Credentials second = Credentials.of(persisted, new NewPasswords(() -> "newer"), NOW);
    Snapshot published = published(persisted, second.proven(), NOW);
    Credentials third = Credentials.of(published, new NewPasswords(() -> "newest"), NOW);

    // Then
    assertThat(first.password()).isEqualTo("new");
    assertThat(first.publishable()).isFalse();
    assertThat(Credentials.persistedPassword(snapshot, NOW)).contains("persisted");
    assertThat(second).isEqualTo(first);
    assertThat(Credentials.persistedPassword(persisted, NOW)).contains("new");
    assertThat(third.password()).isEqualTo("new");
    assertThat(third.publishable()).isTrue();
  }

  @Test
  void rotatesAgainForAnotherRequest() {
    // Given
    Snapshot rotated =
        published(requestingRotation(withPublishedPassword("{}"), "please"), ROTATED, NOW);

    // When
    Credentials credentials =
        Credentials.of(requestingRotation(rotated, "again"), new NewPasswords(() -> "new"), NOW);

    // Then
    assertThat(credentials.password()).isEqualTo("new");
  }

  @Test
  void rotatesOnceIntervalHasPassed() {
    // Given
    Snapshot snapshot = withPublishedPassword("passwordRotation: {interval: 1h}");

    // When
    Credentials early =
        Credentials.of(snapshot, new NewPasswords(() -> "new"), HOUR_LATER.minusSeconds(1));
    Credentials due = Credentials.of(snapshot, new NewPasswords(() -> "new"), HOUR_LATER);

    // Then
    assertThat(early.password()).isEqualTo("persisted");
    assertThat(due.password()).isEqualTo("new");
    assertThat(Rotation.status(snapshot).orElseThrow().lastTime()).isEqualTo(NOW.toString());
    assertThat(Rotation.status(snapshot).orElseThrow().nextTime()).isEqualTo(HOUR_LATER.toString());
  }

  @Test
  void keepsPublicationTimeOfUnchangedPassword() {
    // Given
    Snapshot snapshot = withPublishedPassword("passwordRotation: {interval: 1h}");

    // When
    Snapshot again = published(snapshot, PERSISTED, NOW.plusSeconds(600));

    // Then
    assertThat(again.get(ObjectKey.APP_SECRET)).isEqualTo(snapshot.get(ObjectKey.APP_SECRET));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-31T00:00:00Z", "+1000000000-12-31T00:00:00Z", "yesterday"})
  void usesCreationTimeWhenPublicationTimeIsInvalid(String published) {
    // Given
    Snapshot snapshot = withPublishedPassword("passwordRotation: {interval: 1h}");
    ObjectMeta secret = snapshot.get(ObjectKey.APP_SECRET).orElseThrow().getMetadata();
    secret.setCreationTimestamp(NOW.toString());
    secret.getAnnotations().put("postgresinstance.dev/password-published", published);

    // When
    Optional<PasswordRotationStatus> status = Rotation.status(snapshot);

    // Then
    assertThat(status.orElseThrow().lastTime()).isEqualTo(NOW.toString());
  }

  @Test
  void doesNotRotateUserProvidedPassword() {
    // Given
    Snapshot snapshot =
        requestingRotation(withPublishedPassword("passwordSecretRef: {name: own}"), "please");

    // When
    Credentials credentials = Credentials.of(snapshot, new NewPasswords(() -> "new"), NOW);

    // Then
    assertThat(credentials.password()).isEqualTo("persisted");
  }

  private static Snapshot withPublishedPassword(String spec) {
    Snapshot snapshot = Snapshots.withData(Snapshots.of(spec));
    return published(
        snapshot.with(OperatorSecret.desired(snapshot, PERSISTED, Optional.empty(), false)),
        PERSISTED,
        NOW);
  }

  private static Snapshot published(Snapshot snapshot, Credentials credentials, Instant now) {
    return snapshot.with(AppSecret.desired(snapshot, credentials, DataRecord.of(snapshot), now));
  }

  private static Snapshot requestingRotation(Snapshot snapshot, String token) {
    snapshot.instance().getMetadata().setAnnotations(Map.of(Rotation.ROTATE_PASSWORD, token));
    return snapshot;
  }
}
