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

  private static final Credentials KEPT = new Credentials("kept", true, "kept-operator", "salt");
  private static final Snapshot asked = Snapshots.of("superuserAccess: true");

  @Test
  void thereIsNoneUnlessItIsAskedFor() {
    // When
    Optional<SuperuserPassword> password =
        SuperuserPassword.of(Snapshots.of("{}"), new NewPasswords(() -> "random"));

    // Then
    assertThat(password).isEmpty();
  }

  @Test
  void aNewOneIsKeptUntilItIsSetAndOnlyThenPublished() {
    // Given
    SuperuserPassword fresh =
        SuperuserPassword.of(asked, new NewPasswords(() -> "random")).orElseThrow();
    assertThat(fresh).isEqualTo(new SuperuserPassword("random", false));
    Snapshot kept = asked.with(OperatorSecret.desired(asked, KEPT, Optional.of(fresh), false));

    // When
    SuperuserPassword again =
        SuperuserPassword.of(kept, new NewPasswords(() -> "another")).orElseThrow();

    // Then
    assertThat(again).isEqualTo(fresh);
    assertThat(OperatorSecret.desired(kept, KEPT, Optional.of(again.proven()), false).getData())
        .doesNotContainKey(SuperuserPassword.PENDING);
  }

  @Test
  void whatItsSecretSaysWins() {
    // Given
    Snapshot published =
        asked.with(SuperuserSecret.desired(asked, new SuperuserPassword("edited", true)));

    // When
    Optional<SuperuserPassword> password =
        SuperuserPassword.of(published, new NewPasswords(() -> "random"));

    // Then
    assertThat(password).contains(new SuperuserPassword("edited", true));
  }

  @Test
  void whatNobodyWantsAnyMoreIsEmptyAndLeftToTheGarbageCollector() {
    // When
    Secret secret = SuperuserSecret.givenUp(asked);

    // Then
    assertThat(secret.getData()).isNullOrEmpty();
    assertThat(Ownership.isOwnedByDeletedInstance(asked.instance(), secret)).isTrue();
    assertThat(secret.getMetadata().getOwnerReferences())
        .extracting(OwnerReference::getUid)
        .doesNotContain(asked.instance().getMetadata().getUid());
  }

  @Test
  void itIsInNoText() {
    // When
    String text = new SuperuserPassword("clear", true).toString();

    // Then
    assertThat(text).doesNotContain("clear");
  }
}
