package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsentTest {

  private static final String UID = "present-claim";
  private static final DataRecord OLD = new DataRecord("73", "17", "app", "app", "", "999", "", "");

  /** An instance with data on a claim of that uid. */
  private final World had = claimOf(Worlds.withData(Worlds.of("{}"), OLD), UID);

  @Test
  void emptyVolumeIsAcceptedOfThePresentClaim() {
    // Given
    World world = annotated(had, Consent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(Consent.emptyVolume(world)).contains(UID);
    assertThat(Consent.variables(world))
        .containsExactly(new EnvVar("PGI_ACCEPT_EMPTY_VOLUME", UID, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"former-claim", "", "yes", "a b", "$(rm)"})
  void whatNamesAnotherClaimOrNoneAcceptsNothing(String uid) {
    // Given
    World world = annotated(had, Consent.ACCEPT_EMPTY_VOLUME, uid);

    // Then
    assertThat(Consent.emptyVolume(world)).isEmpty();
    assertThat(Consent.variables(world)).isEmpty();
  }

  @Test
  void dataThatWasAcceptedReplacesTheRecordOnceItIsProven() {
    // Given
    World world = annotated(had, Consent.ACCEPT_EMPTY_VOLUME, UID);

    // When
    DataRecord record = DataRecord.proven(world, "74");

    // Then
    assertThat(record.systemIdentifier()).isEqualTo("74");
    assertThat(Consent.emptyVolume(recorded(world, record))).isEmpty();
  }

  @Test
  void theSameWordIsNotTakenTwiceUntilItIsSaidAnew() {
    // Given
    World world = annotated(had, Consent.ACCEPT_EMPTY_VOLUME, UID);
    World used = recorded(world, DataRecord.proven(world, "74"));

    // When
    World withdrawn = annotated(used, "example.com/other", "");
    World cleared = recorded(withdrawn, DataRecord.proven(withdrawn, "74"));
    World again = annotated(cleared, Consent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(Consent.remedyForEmptyVolume(used)).contains("accepted once");
    assertThat(Consent.emptyVolume(again)).contains(UID);
  }

  @Test
  void withoutAWordOfAPersonTheRecordStays() {
    // When
    DataRecord record = DataRecord.proven(had, "74");

    // Then
    assertThat(record).isEqualTo(OLD);
  }

  @Test
  void adoptedDataReplacesTheRecordAndWhatIsRecordedOfItStays() {
    // Given: the version is that of the spec, since nothing else is known of it
    World world = annotated(had, Consent.ADOPT, "other-id");

    // When
    DataRecord other = DataRecord.proven(world, "74");
    World changed = Worlds.changed(recorded(world, other), "version: '18'");

    // Then
    assertThat(other.systemIdentifier()).isEqualTo("74");
    assertThat(DataRecord.proven(changed, "74").mismatch(changed)).isPresent();
  }

  @Test
  void childOfAnAdoptedInstanceIsCovered() {
    // Given
    Secret secret =
        new SecretBuilder(
                AppSecret.desired(
                    had, new Credentials("p", true, "o", "s"), Optional.empty(), Pods.NOW))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "other-id")
            .endMetadata()
            .build();
    Secret stranger = new SecretBuilder().withNewMetadata().endMetadata().build();
    World world = annotated(had, Consent.ADOPT, "other-id");

    // Then
    assertThat(Consent.covers(had, secret)).isFalse();
    assertThat(Consent.covers(world, secret)).isTrue();
    assertThat(Consent.covers(world, stranger)).isFalse();
  }

  private static World annotated(World world, String name, String value) {
    PostgresInstance instance = new KubernetesSerialization().clone(world.instance());
    instance.getMetadata().setAnnotations(Map.of(name, value));
    return Worlds.withInstance(world, instance);
  }

  private static World recorded(World world, DataRecord record) {
    return claimOf(world.with(DataClaim.desired(world, Optional.of(record))), UID);
  }

  private static World claimOf(World world, String uid) {
    return world.with(
        new PersistentVolumeClaimBuilder(world.claim().orElseThrow())
            .editMetadata()
            .withUid(uid)
            .endMetadata()
            .build());
  }
}
