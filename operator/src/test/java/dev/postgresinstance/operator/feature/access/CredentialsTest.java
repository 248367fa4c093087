package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CredentialsTest {

  private static final Credentials PERSISTED =
      new Credentials("kept", true, "kept-operator", "salt");
  private static final Credentials PENDING =
      new Credentials("pending", false, "kept-operator", "salt");

  private final AtomicInteger calls = new AtomicInteger();
  private final Snapshot fresh = Snapshots.of("{}");

  @Test
  void publishesRandomPasswordOfNewInstanceAtOnce() {
    // When
    Credentials credentials = credentials(fresh);

    // Then: no data exists yet that could have another password
    assertThat(credentials).isEqualTo(new Credentials("random-1", true, "random-2", "random-3"));
  }

  @Test
  void usesPersistedCredentialsAndGeneratesNone() {
    // Given
    Snapshot snapshot = fresh.with(appSecret(PERSISTED)).with(operatorSecret(PERSISTED));

    // When
    Credentials credentials = credentials(snapshot);

    // Then
    assertThat(credentials).isEqualTo(PERSISTED);
    assertThat(calls).hasValue(0);
  }

  @Test
  void doesNotPublishNewPasswordForExistingDataBeforeItIsProven() {
    // Given
    Snapshot snapshot = Snapshots.withData(fresh.with(operatorSecret(PERSISTED)));

    // When
    Credentials credentials = credentials(snapshot);

    // Then
    assertThat(credentials).isEqualTo(new Credentials("random-1", false, "kept-operator", "salt"));
    assertThat(calls).hasValue(1);
  }

  @Test
  void keepsPendingPassword() {
    // Given
    Snapshot snapshot = Snapshots.withData(fresh.with(operatorSecret(PENDING)));

    // When
    Credentials credentials = credentials(snapshot);

    // Then
    assertThat(credentials).isEqualTo(PENDING);
    assertThat(calls).hasValue(0);
  }

  @Test
  void prefersPublishedPasswordToPendingOne() {
    // Given
    Snapshot snapshot =
        Snapshots.withData(fresh.with(appSecret(PERSISTED)).with(operatorSecret(PENDING)));

    // When
    Credentials credentials = credentials(snapshot);

    // Then
    assertThat(credentials).isEqualTo(PERSISTED);
  }

  @Test
  void keepsPublishedPasswordWhenOperatorSecretIsLost() {
    // Given
    Snapshot snapshot = Snapshots.withData(fresh.with(appSecret(PERSISTED)));

    // When
    Credentials credentials = credentials(snapshot);

    // Then
    assertThat(credentials).isEqualTo(new Credentials("kept", true, "random-1", "random-2"));
  }

  @Test
  void treatsEmptyPasswordAsMissing() {
    // Given
    Secret emptied =
        new SecretBuilder(appSecret(PERSISTED)).withData(Map.of("password", "")).build();
    Snapshot snapshot = fresh.with(emptied);

    // When
    Optional<String> password = Credentials.persistedPassword(snapshot, Pods.NOW);

    // Then
    assertThat(password).isEmpty();
  }

  @Test
  void storesNoPendingPasswordOnceItIsProven() {
    // When
    Secret secret = operatorSecret(PENDING.proven());

    // Then
    assertThat(secret.getData()).doesNotContainKey(Credentials.PENDING);
    assertThat(operatorSecret(PENDING).getData()).containsKey(Credentials.PENDING);
  }

  @Test
  void toStringContainsNoPassword() {
    // When
    String text = PERSISTED.toString();

    // Then
    assertThat(text).doesNotContain("kept").doesNotContain("salt");
  }

  private Credentials credentials(Snapshot snapshot) {
    return Credentials.of(snapshot, new NewPasswords(this::counted), Pods.NOW);
  }

  private String counted() {
    return "random-" + calls.incrementAndGet();
  }

  private Secret appSecret(Credentials credentials) {
    return AppSecret.desired(fresh, credentials, Optional.empty(), Pods.NOW);
  }

  private Secret operatorSecret(Credentials credentials) {
    return OperatorSecret.desired(fresh, credentials, Optional.empty(), false);
  }
}
