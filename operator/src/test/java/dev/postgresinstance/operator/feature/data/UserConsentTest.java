package dev.postgresinstance.operator.feature.data;

import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.UID;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.annotated;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.claimOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserConsentTest {

  private final Snapshot withData = ConsentSnapshots.withData();

  @Test
  void namesAcceptedEmptyVolumeOnlyWhileItsClaimExists() {
    // Given
    Snapshot accepted = annotated(withData, UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(UserConsent.emptyVolume(accepted)).contains(UID);
    assertThat(UserConsent.emptyVolume(claimOf(accepted, "next-claim"))).isEmpty();
    assertThat(UserConsent.emptyVolume(withData)).isEmpty();
  }

  @Test
  void acceptsNoEmptyVolumeWithoutClaim() {
    // Given
    Snapshot accepted = annotated(Snapshots.of("{}"), UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // Then
    assertThat(UserConsent.emptyVolume(accepted)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"other-id, other-id", "' 7300000000000000001\n', 7300000000000000001"})
  void readsAdoptedDataWithoutSurroundingSpace(String annotation, String id) {
    // Given
    Snapshot snapshot = annotated(withData, Labels.ADOPT, annotation);

    // Then
    assertThat(UserConsent.adoptedData(snapshot)).contains(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "$(rm)", "a;b", "a/b"})
  void ignoresAdoptionOfInvalidId(String annotation) {
    // Given
    Snapshot snapshot = annotated(withData, Labels.ADOPT, annotation);

    // Then
    assertThat(UserConsent.adoptedData(snapshot)).isEmpty();
  }

  @Test
  void ignoresAdoptionOfIdThatIsTooLong() {
    assertThat(UserConsent.adoptedData(annotated(withData, Labels.ADOPT, "a".repeat(64))))
        .isPresent();
    assertThat(UserConsent.adoptedData(annotated(withData, Labels.ADOPT, "a".repeat(65))))
        .isEmpty();
  }

  @Test
  void identifiesRequestToRecreateDatabaseByItsValue() {
    // When
    Optional<String> first = recreateDatabase("now");
    Optional<String> next = recreateDatabase("later");

    // Then
    assertThat(first).isPresent().isEqualTo(recreateDatabase("now")).isNotEqualTo(next);
    assertThat(UserConsent.recreateDatabase(withData)).isEmpty();
  }

  @Test
  void coversChildrenOfAdoptedInstance() {
    // Given
    Secret secret =
        new SecretBuilder(
                AppSecret.desired(
                    withData, new Credentials("p", true, "o", "s"), Optional.empty(), Pods.NOW))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "other-id")
            .endMetadata()
            .build();
    Secret foreign = new SecretBuilder().withNewMetadata().endMetadata().build();
    Snapshot snapshot = annotated(withData, Labels.ADOPT, "other-id");

    // Then
    assertThat(UserConsent.covers(withData, secret)).isFalse();
    assertThat(UserConsent.covers(snapshot, secret)).isTrue();
    assertThat(UserConsent.covers(snapshot, foreign)).isFalse();
  }

  private Optional<String> recreateDatabase(String value) {
    return UserConsent.recreateDatabase(annotated(withData, UserConsent.RECREATE_DATABASE, value));
  }
}
