package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A former claim never passes for the one in use. */
class ClaimInUseTest {

  private static final String FIRST = "orders-data";
  private static final String SECOND = "orders-data-00000002";
  private static final String THIRD = "orders-data-00000003";

  private final Snapshot orders = Snapshots.of("{}");

  @Test
  void claimHasTheUsualNameAtFirst() {
    assertThat(name(Optional.empty())).isEqualTo(FIRST);
    assertThat(name(Optional.empty(), claim(FIRST, null))).isEqualTo(FIRST);
    assertThat(ClaimInUse.annotations(orders.instance(), FIRST)).isEmpty();
  }

  @Test
  void successorsAreFollowed() {
    assertThat(name(Optional.empty(), claim(FIRST, SECOND), claim(SECOND, THIRD))).isEqualTo(THIRD);
    assertThat(name(Optional.of(secret(SECOND)), claim(SECOND, THIRD), claim(THIRD, null)))
        .isEqualTo(THIRD);
  }

  @Test
  void secretKnowsTheClaimWhenTheFormerOneIsDeleted() {
    assertThat(ClaimInUse.annotations(orders.instance(), SECOND)).containsValue(SECOND);
    assertThat(name(Optional.of(secret(SECOND)), claim(SECOND, null))).isEqualTo(SECOND);
  }

  @Test
  void lostClaimIsNotReplacedByAFormerOne() {
    assertThat(name(Optional.of(secret(SECOND)), claim(FIRST, SECOND))).isEqualTo(SECOND);
    assertThat(name(Optional.empty(), claim(FIRST, SECOND))).isEqualTo(SECOND);
  }

  @Test
  void restoredClaimIsFoundWhenSecretAndFormerClaimAreGone() {
    assertThat(name(Optional.empty(), restored(SECOND, null))).isEqualTo(SECOND);
    assertThat(name(Optional.empty(), restored(SECOND, THIRD), restored(THIRD, null)))
        .isEqualTo(THIRD);
  }

  @Test
  void restoredClaimThatMayNotBeTheLastOneIsNotTaken() {
    assertThat(name(Optional.empty(), restored(SECOND, null), restored(THIRD, null)))
        .isEqualTo(FIRST);
    assertThat(name(Optional.empty(), restored(SECOND, THIRD))).isEqualTo(FIRST);
    assertThat(name(Optional.empty(), claim(SECOND, null))).isEqualTo(FIRST);
    assertThat(name(Optional.empty(), ofDeletedInstance(SECOND))).isEqualTo(FIRST);
    assertThat(name(Optional.empty(), claim(FIRST, null), restored(SECOND, null))).isEqualTo(FIRST);
  }

  @Test
  void circleEnds() {
    assertThat(name(Optional.empty(), claim(FIRST, SECOND), claim(SECOND, FIRST))).isEqualTo(FIRST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "customers-data", "orders-data-x", "orders-data-00000002x", "orders"})
  void otherNamesAreIgnored(String other) {
    assertThat(name(Optional.of(secret(other)), claim(FIRST, other))).isEqualTo(FIRST);
  }

  private String name(Optional<Secret> secret, PersistentVolumeClaim... claims) {
    return ClaimInUse.name(orders.instance(), secret, List.of(claims));
  }

  private static PersistentVolumeClaim claim(String name, String successor) {
    PersistentVolumeClaimBuilder claim =
        new PersistentVolumeClaimBuilder().withNewMetadata().withName(name).endMetadata();
    return successor == null
        ? claim.build()
        : claim
            .editMetadata()
            .addToAnnotations(ClaimInUse.REPLACED_BY, successor)
            .endMetadata()
            .build();
  }

  private static PersistentVolumeClaim restored(String name, String successor) {
    return new PersistentVolumeClaimBuilder(claim(name, successor))
        .editMetadata()
        .addToAnnotations(ClaimInUse.RESTORED_TO, "latest@uid")
        .endMetadata()
        .build();
  }

  private PersistentVolumeClaim ofDeletedInstance(String name) {
    return new PersistentVolumeClaimBuilder(restored(name, null))
        .editMetadata()
        .addNewOwnerReference()
        .withApiVersion(orders.instance().getApiVersion())
        .withKind(orders.instance().getKind())
        .withName(orders.instance().getMetadata().getName())
        .withUid("deleted")
        .endOwnerReference()
        .endMetadata()
        .build();
  }

  private static Secret secret(String claim) {
    return new SecretBuilder()
        .withNewMetadata()
        .addToAnnotations("postgresinstance.dev/data-claim", claim)
        .endMetadata()
        .build();
  }
}
