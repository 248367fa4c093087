package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SuperuserPasswordTest {

  private static final Credentials CREDENTIALS =
      new Credentials("persisted", true, "persisted-operator", "salt");
  private static final Snapshot requested = Snapshots.of("superuserAccess: true");

  @Test
  void hasNoPasswordUnlessAccessIsRequested() {
    // When
    Optional<SuperuserPassword> password =
        SuperuserPassword.of(Snapshots.of("{}"), new NewPasswords(() -> "random"));

    // Then
    assertThat(password).isEmpty();
  }

  @Test
  void keepsPendingPasswordUntilItIsProven() {
    // Given
    SuperuserPassword fresh =
        SuperuserPassword.of(requested, new NewPasswords(() -> "random")).orElseThrow();
    assertThat(fresh).isEqualTo(new SuperuserPassword("random", false));
    Snapshot persisted =
        requested.with(OperatorSecret.desired(requested, CREDENTIALS, Optional.of(fresh), false));

    // When
    SuperuserPassword again =
        SuperuserPassword.of(persisted, new NewPasswords(() -> "another")).orElseThrow();

    // Then
    assertThat(again).isEqualTo(fresh);
    assertThat(
            OperatorSecret.desired(
                    persisted,
                    CREDENTIALS,
                    Optional.of(new SuperuserPassword(again.password(), true)),
                    false)
                .getData())
        .doesNotContainKey(SuperuserPassword.PENDING);
  }

  @Test
  void prefersPasswordOfPublishedSecret() {
    // Given
    Snapshot published =
        requested.with(SuperuserSecret.desired(requested, new SuperuserPassword("edited", true)));

    // When
    Optional<SuperuserPassword> password =
        SuperuserPassword.of(published, new NewPasswords(() -> "random"));

    // Then
    assertThat(password).contains(new SuperuserPassword("edited", true));
  }

  @Test
  void emptiesUnneededSecretAndLeavesItToGarbageCollector() {
    // When
    Secret secret = SuperuserSecret.givenUp(requested);

    // Then
    assertThat(secret.getData()).isNullOrEmpty();
    assertThat(Ownership.isOwnedByDeletedInstance(requested.instance(), secret)).isTrue();
    assertThat(secret.getMetadata().getOwnerReferences())
        .extracting(OwnerReference::getUid)
        .doesNotContain(requested.instance().getMetadata().getUid());
  }

  @Test
  void toStringContainsNoPassword() {
    // When
    String text = new SuperuserPassword("clear", true).toString();

    // Then
    assertThat(text).doesNotContain("clear");
  }
}
