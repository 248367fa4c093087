package dev.postgresinstance.operator.feature.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
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

class UserConsentTest {

  private static final String UID = "present-claim";
  private static final DataRecord OLD = new DataRecord("73", "17", "app", "app", "", "999", "", "");

  /** An instance with data on a claim of that uid. */
  private final Snapshot had = claimOf(Snapshots.withData(Snapshots.of("{}"), OLD), UID);

  @Test
  void emptyVolumeIsAcceptedOfThePresentClaim() {
    // Given
    Snapshot snapshot = annotated(had, UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(DataRecord.openEmptyVolumeConsent(snapshot)).contains(UID);
    assertThat(OpenConsent.variables(snapshot))
        .containsExactly(new EnvVar("PGI_ACCEPT_EMPTY_VOLUME", UID, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"former-claim", "", "yes", "a b", "$(rm)"})
  void whatNamesAnotherClaimOrNoneAcceptsNothing(String uid) {
    // Given
    Snapshot snapshot = annotated(had, UserConsent.ACCEPT_EMPTY_VOLUME, uid);

    // Then
    assertThat(DataRecord.openEmptyVolumeConsent(snapshot)).isEmpty();
    assertThat(OpenConsent.variables(snapshot)).isEmpty();
  }

  @Test
  void dataThatWasAcceptedReplacesTheRecordOnceItIsProven() {
    // Given
    Snapshot snapshot = annotated(had, UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // When
    DataRecord record = DataRecord.proven(snapshot, "74");

    // Then
    assertThat(record.systemIdentifier()).isEqualTo("74");
    assertThat(DataRecord.openEmptyVolumeConsent(recorded(snapshot, record))).isEmpty();
  }

  @Test
  void theSameWordIsNotTakenTwiceUntilItIsSaidAnew() {
    // Given
    Snapshot snapshot = annotated(had, UserConsent.ACCEPT_EMPTY_VOLUME, UID);
    Snapshot used = recorded(snapshot, DataRecord.proven(snapshot, "74"));

    // When
    Snapshot withdrawn = annotated(used, "example.com/other", "");
    Snapshot cleared = recorded(withdrawn, DataRecord.proven(withdrawn, "74"));
    Snapshot again = annotated(cleared, UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(OpenConsent.remedyForEmptyVolume(used))
        .contains("accepted that this claim is empty before");
    assertThat(DataRecord.openEmptyVolumeConsent(again)).contains(UID);
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
    Snapshot snapshot = annotated(had, Labels.ADOPT, "other-id");

    // When
    DataRecord other = DataRecord.proven(snapshot, "74");
    Snapshot changed = Snapshots.changed(recorded(snapshot, other), "version: '18'");

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
    Snapshot snapshot = annotated(had, Labels.ADOPT, "other-id");

    // Then
    assertThat(UserConsent.covers(had, secret)).isFalse();
    assertThat(UserConsent.covers(snapshot, secret)).isTrue();
    assertThat(UserConsent.covers(snapshot, stranger)).isFalse();
  }

  private static Snapshot annotated(Snapshot snapshot, String name, String value) {
    PostgresInstance instance = new KubernetesSerialization().clone(snapshot.instance());
    instance.getMetadata().setAnnotations(Map.of(name, value));
    return Snapshots.withInstance(snapshot, instance);
  }

  private static Snapshot recorded(Snapshot snapshot, DataRecord record) {
    return claimOf(snapshot.with(DataClaim.desired(snapshot, Optional.of(record))), UID);
  }

  private static Snapshot claimOf(Snapshot snapshot, String uid) {
    return snapshot.with(
        new PersistentVolumeClaimBuilder(snapshot.get(ObjectKey.CLAIM).orElseThrow())
            .editMetadata()
            .withUid(uid)
            .endMetadata()
            .build());
  }
}
