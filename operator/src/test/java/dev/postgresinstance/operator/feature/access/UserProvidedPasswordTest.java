package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.access.secret.UserProvidedPassword;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UserProvidedPasswordTest {

  private static final Credentials PUBLISHED =
      new Credentials("kept", true, "kept-operator", "salt");

  private final Snapshot snapshot = Snapshots.of("passwordSecretRef: {name: own}");

  @Test
  void usesUserProvidedPasswordForNewInstance() {
    // Given
    Snapshot given = Snapshots.withUserPasswordSecret(snapshot, own("mine"));

    // When
    Credentials credentials = credentials(given);

    // Then
    assertThat(credentials.password()).isEqualTo("mine");
    assertThat(credentials.publishable()).isTrue();
  }

  @Test
  void doesNotPublishChangedPasswordBeforeItIsSet() {
    // Given
    Snapshot changed = Snapshots.withUserPasswordSecret(published(), own("other"));

    // When
    Credentials credentials = credentials(changed);

    // Then
    assertThat(credentials.password()).isEqualTo("other");
    assertThat(credentials.publishable()).isFalse();
  }

  @Test
  void keepsPublishedPasswordWhenSecretIsUnusable() {
    // Given
    Snapshot unusable = Snapshots.withUserPasswordSecret(published(), own(""));

    // When
    Credentials credentials = credentials(unusable);

    // Then
    assertThat(credentials.password()).isEqualTo("kept");
    assertThat(credentials.publishable()).isTrue();
  }

  @Test
  void reportsSecretAndReasonOfEachFault() {
    // Given
    Secret createdByOperator =
        new SecretBuilder(own("x"))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "id")
            .endMetadata()
            .build();
    Secret ofOtherType = new SecretBuilder(own("x")).withType("kubernetes.io/tls").build();

    // When, Then
    assertThat(UserProvidedPassword.fault(snapshot).orElseThrow())
        .contains("own", "does not exist");
    assertThat(fault(createdByOperator)).contains("own", "was created by the operator");
    assertThat(fault(ofOtherType)).contains("own", "kubernetes.io/tls");
    assertThat(fault(new SecretBuilder(own("x")).withData(Map.of()).build()))
        .contains("own", "has no key password");
    assertThat(UserProvidedPassword.fault(Snapshots.withUserPasswordSecret(snapshot, own("x"))))
        .isEmpty();
    assertThat(UserProvidedPassword.fault(Snapshots.of("{}"))).isEmpty();
  }

  /** The instance with data and a published password. */
  private Snapshot published() {
    Snapshot data = Snapshots.withData(snapshot);
    return data.with(AppSecret.desired(data, PUBLISHED, DataRecord.of(data), Pods.NOW));
  }

  private static Credentials credentials(Snapshot snapshot) {
    return Credentials.of(snapshot, new NewPasswords(() -> "random"), Pods.NOW);
  }

  private String fault(Secret secret) {
    Optional<String> fault =
        UserProvidedPassword.fault(Snapshots.withUserPasswordSecret(snapshot, secret));
    return fault.orElseThrow();
  }

  private static Secret own(String password) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName("own")
        .endMetadata()
        .withType("Opaque")
        .withData(SecretData.encode(Map.of("password", password)))
        .build();
  }
}
