package dev.postgresinstance.operator.feature.data;

import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.OLD;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.UID;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.annotated;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenConsentTest {

  private final Snapshot withData = ConsentSnapshots.withData();

  @Test
  void acceptsEmptyVolumeOfPresentClaim() {
    // Given
    Snapshot snapshot = annotated(withData, UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(DataRecord.openEmptyVolumeConsent(snapshot)).contains(UID);
    assertThat(OpenConsent.variables(snapshot))
        .containsExactly(new EnvVar("PGI_ACCEPT_EMPTY_VOLUME", UID, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"former-claim", "", "yes", "a b", "$(rm)"})
  void acceptsNoEmptyVolumeForAnotherClaimOrInvalidUid(String uid) {
    // Given
    Snapshot snapshot = annotated(withData, UserConsent.ACCEPT_EMPTY_VOLUME, uid);

    // Then
    assertThat(DataRecord.openEmptyVolumeConsent(snapshot)).isEmpty();
    assertThat(OpenConsent.variables(snapshot)).isEmpty();
  }

  @Test
  void countsConsentOnceUntilAnnotationIsSetAgain() {
    // Given
    Snapshot snapshot = annotated(withData, UserConsent.ACCEPT_EMPTY_VOLUME, UID);
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
  void offersCommandThatAcceptsEmptyVolumeOfPresentClaim() {
    assertThat(OpenConsent.remedyForEmptyVolume(withData))
        .isEqualTo(
            "To give the data up and start with an empty database: "
                + "kubectl annotate -n shop pgi orders"
                + " postgresinstance.dev/accept-empty-volume=present-claim --overwrite");
    assertThat(OpenConsent.remedyForEmptyVolume(Snapshots.of("{}")))
        .contains("accept-empty-volume=UID-OF-THE-CLAIM");
  }

  @Test
  void reportsThatEmptyVolumeIsAccepted() {
    // Given
    Snapshot snapshot = annotated(withData, UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(OpenConsent.remedyForEmptyVolume(snapshot))
        .isEqualTo("The empty volume is accepted; a new database is being created on it.");
  }

  @Test
  void offersToRemoveAndSetAnnotationThatWasUsedBefore() {
    // Given
    Snapshot snapshot = annotated(withData, UserConsent.ACCEPT_EMPTY_VOLUME, UID);
    Snapshot used = recorded(snapshot, DataRecord.proven(snapshot, "74"));

    // Then
    assertThat(OpenConsent.remedyForEmptyVolume(used))
        .endsWith(
            "kubectl annotate -n shop pgi orders postgresinstance.dev/accept-empty-volume-"
                + " && kubectl annotate -n shop pgi orders"
                + " postgresinstance.dev/accept-empty-volume=present-claim --overwrite");
  }

  @Test
  void passesAdoptedIdToStartScript() {
    // Given
    Snapshot snapshot = annotated(withData, Labels.ADOPT, "other-id");

    // Then
    assertThat(OpenConsent.variables(snapshot))
        .containsExactly(new EnvVar("PGI_ADOPT", "other-id", null));
  }

  @Test
  void recreatesDatabaseOnRequestOnly() {
    // Given
    Snapshot requested = annotated(withData, UserConsent.RECREATE_DATABASE, "now");

    // Then
    assertThat(OpenConsent.recreateDatabase(withData)).isFalse();
    assertThat(OpenConsent.recreateDatabase(requested)).isTrue();
  }

  @Test
  void ignoresRequestToRecreateThatWasSetWhileDatabaseExisted() {
    // Given
    Snapshot early = annotated(withData, UserConsent.RECREATE_DATABASE, "early");

    // When: a login shows that the database exists
    Snapshot used = recorded(early, OLD.withDatabase(early));
    Snapshot next = annotated(used, UserConsent.RECREATE_DATABASE, "next");

    // Then
    assertThat(OpenConsent.recreateDatabase(used)).isFalse();
    assertThat(OpenConsent.recreateDatabase(next)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {UserConsent.ACCEPT_EMPTY_VOLUME, Labels.ADOPT})
  void podDiffersOnceConsentWasGivenAfterItsStart(String annotation) {
    // Given
    Snapshot consented = annotated(withData, annotation, UID);
    Pod before = Pods.started(withData);
    Pod after = Pods.started(consented);

    // When
    StatefulSet desired = Pods.statefulSet(consented, PostgresImages.DEFAULT, Optional.of(OLD));

    // Then
    assertThat(OpenConsent.differs(before, desired)).isTrue();
    assertThat(OpenConsent.differs(after, desired)).isFalse();
  }

  @Test
  void podDoesNotDifferByOtherVariables() {
    // Given
    Pod pod = Pods.started(withData);
    pod.getSpec().getContainers().getFirst().getEnv().add(new EnvVar("OTHER", "value", null));

    // When
    StatefulSet desired = Pods.statefulSet(withData, PostgresImages.DEFAULT, Optional.of(OLD));

    // Then
    assertThat(OpenConsent.differs(pod, desired)).isFalse();
  }
}
