package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.OperatorSecret;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnershipTest {

  private static final Credentials CREDENTIALS = new Credentials("p", true, "o", "s");

  private final Snapshot retaining = Snapshots.of("{}");
  private final Snapshot deleting = Snapshots.of("deletionPolicy: Delete");

  @Test
  void isUnknownWithoutClaim() {
    // When
    Optional<Boolean> retained = Ownership.retained(retaining);

    // Then
    assertThat(retained).isEmpty();
  }

  @Test
  void retainsObjectsWithoutOwner() {
    // When
    Optional<Boolean> retained = Ownership.retained(withRetained(retaining, retaining));

    // Then
    assertThat(retained).contains(true);
  }

  @Test
  void doesNotRetainObjectsThatTheResourceOwns() {
    // When
    Optional<Boolean> retained = Ownership.retained(withRetained(deleting, deleting));

    // Then
    assertThat(retained).contains(false);
  }

  @Test
  void isUnknownWhileOnlySomeObjectsHaveAnOwner() {
    // When
    Optional<Boolean> retained = Ownership.retained(withRetained(retaining, deleting));

    // Then
    assertThat(retained).isEmpty();
  }

  @Test
  void recognizesClaimOfDeletedInstanceOfSameName() {
    // Given
    PersistentVolumeClaim own = DataClaim.desired(deleting, Optional.empty());
    PersistentVolumeClaim ofDeleted = owned(own, "postgresinstance.dev/v1alpha1", "orders");

    // Then
    assertThat(Ownership.isOwnedByDeletedInstance(deleting.instance(), own)).isFalse();
    assertThat(Ownership.isOwnedByDeletedInstance(deleting.instance(), ofDeleted)).isTrue();
  }

  @Test
  void ignoresOwnersOfAnotherKindOrName() {
    // Given
    PersistentVolumeClaim own = DataClaim.desired(deleting, Optional.empty());

    // Then
    assertThat(
            Ownership.isOwnedByDeletedInstance(
                deleting.instance(), owned(own, "example.com/v1", "orders")))
        .isFalse();
    assertThat(
            Ownership.isOwnedByDeletedInstance(
                deleting.instance(), owned(own, "postgresinstance.dev/v1alpha1", "others")))
        .isFalse();
  }

  private static PersistentVolumeClaim owned(
      PersistentVolumeClaim claim, String apiVersion, String name) {
    return new PersistentVolumeClaimBuilder(claim)
        .editMetadata()
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion(apiVersion)
                .withKind("PostgresInstance")
                .withName(name)
                .withUid("deleted")
                .build())
        .endMetadata()
        .build();
  }

  /** The claim as desired for the first snapshot, and the Secrets as desired for the second. */
  private static Snapshot withRetained(Snapshot claim, Snapshot secrets) {
    HasMetadata app = AppSecret.desired(secrets, CREDENTIALS, Optional.empty(), Pods.NOW);
    HasMetadata operator = OperatorSecret.desired(secrets, CREDENTIALS, Optional.empty(), false);
    return claim.with(DataClaim.desired(claim, Optional.empty())).with(app).with(operator);
  }
}
