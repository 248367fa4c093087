package dev.postgresinstance.operator.feature.data;

import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.OLD;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.UID;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.annotated;
import static dev.postgresinstance.operator.feature.data.ConsentSnapshots.recorded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SharedPods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataRecordTest {

  private static final DataRecord RECORD =
      new DataRecord("73", "17", "app", "app", "", "999", "postgres:17.5", "", "");

  private static final String FROM_BACKUP = "source: {backup: {name: nightly}}";

  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot withData = ConsentSnapshots.withData();

  @Test
  void findsNoRecordForNewInstance() {
    // When
    Optional<DataRecord> record = DataRecord.of(fresh);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void findsNoRecordOnChildrenWithoutOne() {
    // Given
    Snapshot snapshot =
        fresh.with(DataClaim.desired(fresh, Optional.empty())).with(secret(Optional.empty()));

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void readsRecordFromClaimWithoutSecret() {
    // Given
    Snapshot snapshot = Snapshots.withData(fresh, RECORD);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void readsRecordFromSecretWithoutClaim() {
    // Given
    Snapshot snapshot = fresh.with(secret(Optional.of(RECORD)));

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void readsRecordFromSecretWhenClaimWasRecreated() {
    // Given
    Snapshot snapshot =
        fresh.with(secret(Optional.of(RECORD))).with(DataClaim.desired(fresh, Optional.empty()));

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void prefersRecordOfClaimToRecordOfSecret() {
    // Given
    DataRecord other = new DataRecord("74", "16", "old", "old", "", "999", "", "", "");
    Snapshot snapshot = Snapshots.withData(fresh.with(secret(Optional.of(other))), RECORD);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void ignoresRecordOfAnotherInstance() {
    // Given: the claim belongs to this instance, the Secret to another one
    Secret foreign =
        new SecretBuilder(secret(Optional.of(RECORD)))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "another")
            .endMetadata()
            .build();
    Snapshot snapshot = fresh.with(DataClaim.desired(fresh, Optional.empty())).with(foreign);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void writesRecordAndNodePortAsAnnotations() {
    // Given
    Snapshot snapshot = Snapshots.withNodePort(fresh, 30432);

    // When
    Map<String, String> annotations = DataRecord.annotations(snapshot, Optional.of(RECORD));

    // Then
    assertThat(annotations)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "postgresinstance.dev/system-identifier", "73",
                "postgresinstance.dev/major", "17",
                "postgresinstance.dev/database", "app",
                "postgresinstance.dev/run-as-user", "999",
                "postgresinstance.dev/image", "postgres:17.5",
                "postgresinstance.dev/username", "app",
                "postgresinstance.dev/node-port", "30432"));
  }

  @Test
  void keepsNodePortWhenServiceIsGone() {
    // Given
    Snapshot before = Snapshots.withNodePort(fresh, 30432);
    Snapshot snapshot = fresh.with(DataClaim.desired(before, Optional.empty()));

    // When
    Map<String, String> annotations = DataRecord.annotations(snapshot, Optional.empty());

    // Then
    assertThat(annotations).containsExactly(Map.entry("postgresinstance.dev/node-port", "30432"));
  }

  @ParameterizedTest
  @CsvSource({"30432, 30432", "'', ", "-1, ", "x, ", "123456, "})
  void ignoresInvalidNodePort(String annotation, Integer port) {
    // Given
    Snapshot snapshot =
        fresh.with(
            new PersistentVolumeClaimBuilder(DataClaim.desired(fresh, Optional.empty()))
                .editMetadata()
                .addToAnnotations("postgresinstance.dev/node-port", annotation)
                .endMetadata()
                .build());

    // When
    Optional<Integer> read = DataRecord.nodePort(snapshot);

    // Then
    assertThat(read).isEqualTo(Optional.ofNullable(port));
  }

  @ParameterizedTest
  @CsvSource({
    "version: '17',",
    "version: '18', version 17|18",
    "version: '16', version 17|16",
    "database: shop, database app|shop",
    "username: owner, username app|owner",
    "pod: {runAsUser: 999},",
    "pod: {runAsUser: 1000}, pod.runAsUser 999|1000"
  })
  void reportsFieldThatDoesNotFitDataWithRemedy(String spec, String difference) {
    // Given
    Snapshot snapshot = Snapshots.of(spec);

    // When
    Optional<String> mismatch = DataMismatch.of(RECORD, snapshot);

    // Then
    if (difference == null) {
      assertThat(mismatch).isEmpty();
    } else {
      String[] words = difference.split("[ |]");
      assertThat(mismatch.orElseThrow())
          .startsWith(
              "The data was initialized with %s %s, but the spec says %s. Nothing was changed; "
                  .formatted((Object[]) words))
          .contains(
              words[0].equals("version")
                  ? "set spec.version back to \"17\"."
                  : "create it again with spec.%s %s.".formatted(words[0], words[1]));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "storageClassName: fast, storageClassName: slow, true",
    "storageClassName: fast, storageClassName: fast, false",
    // A spec without a class accepts the present one.
    "storageClassName: fast, , false",
    ", storageClassName: fast, false"
  })
  void reportsStorageClassThatDoesNotFitVolume(String before, String after, boolean mismatch) {
    // Given
    Snapshot created = Snapshots.withData(Snapshots.of(storage(before)), RECORD);
    Snapshot snapshot = Snapshots.withSpec(created, storage(after));

    // When
    Optional<String> difference = DataMismatch.of(RECORD, snapshot);

    // Then
    assertThat(difference.isPresent()).isEqualTo(mismatch);
  }

  @Test
  void showsThatVolumeHasNoStorageClass() {
    // Given
    Snapshot created = Snapshots.withData(Snapshots.of(storage("storageClassName: ''")), RECORD);
    Snapshot snapshot = Snapshots.withSpec(created, storage("storageClassName: fast"));

    // When
    Optional<String> difference = DataMismatch.of(RECORD, snapshot);

    // Then
    assertThat(difference.orElseThrow())
        .contains("with storage.storageClassName \"\", but the spec says fast.")
        .endsWith("with spec.storage.storageClassName \"\".");
  }

  @Test
  void recordsSourceFromWhichDataWasCreated() {
    // Given
    Snapshot snapshot = Snapshots.of(FROM_BACKUP);

    // When
    DataRecord record = DataRecord.proven(snapshot, "73");

    // Then
    assertThat(record.source())
        .isEqualTo(DataSource.of(snapshot.instance().getSpec()))
        .isNotEmpty();
    assertThat(DataRecord.of(Snapshots.withData(snapshot, record))).contains(record);
    assertThat(DataMismatch.of(record, snapshot)).isEmpty();
    assertThat(DataMismatch.of(record, fresh)).isEmpty();
  }

  @Test
  void dataOnVolumeDoesNotPassForOrderedRestore() {
    // Given: a claim that was retained
    Snapshot snapshot = Snapshots.withData(Snapshots.of(FROM_BACKUP), RECORD);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
    assertThat(DataMismatch.of(RECORD, snapshot).orElseThrow())
        .startsWith("The volume already contains data (system identifier 73) that was not created")
        .contains("Nothing was changed.", "create it again without spec.source");
  }

  @Test
  void orderedRestoreReplacesDataThatIsLost() {
    // Given: Secrets were retained, the claim is new
    Snapshot ordered = Snapshots.of(FROM_BACKUP);
    Snapshot lost =
        ordered
            .with(secret(Optional.of(RECORD)))
            .with(DataClaim.desired(ordered, Optional.empty()));

    // When
    DataRecord restored = DataRecord.proven(lost, "74");

    // Then
    assertThat(DataRecord.of(lost)).isEmpty();
    assertThat(restored).isEqualTo(DataRecord.ofNew("74", ordered.instance().getSpec()));
  }

  @Test
  void restoredDataThatIsLostIsNotRestoredAgain() {
    // Given
    Snapshot ordered = Snapshots.of(FROM_BACKUP);
    DataRecord restored = DataRecord.ofNew("73", ordered.instance().getSpec());
    Snapshot lost =
        ordered
            .with(secret(Optional.of(restored)))
            .with(DataClaim.desired(ordered, Optional.empty()));

    // When
    Optional<DataRecord> record = DataRecord.of(lost);

    // Then
    assertThat(record).contains(restored);
  }

  @Test
  void takesMissingFieldOfRecordFromSpec() {
    // Given: somebody has removed an annotation
    PersistentVolumeClaim claim = DataClaim.desired(fresh, Optional.of(RECORD));
    claim.getMetadata().getAnnotations().remove("postgresinstance.dev/major");
    Snapshot snapshot = fresh.with(claim);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void replacesRecordOnceAcceptedDataIsProven() {
    // Given
    Snapshot snapshot = annotated(withData, UserConsent.ACCEPT_EMPTY_VOLUME, UID);

    // When
    DataRecord record = DataRecord.proven(snapshot, "74");

    // Then
    assertThat(record.systemIdentifier()).isEqualTo("74");
    assertThat(DataRecord.openEmptyVolumeConsent(recorded(snapshot, record))).isEmpty();
  }

  @Test
  void keepsRecordWithoutConsent() {
    // When
    DataRecord record = DataRecord.proven(withData, "74");

    // Then
    assertThat(record).isEqualTo(OLD);
  }

  @Test
  void recordsRequestedImageInsteadOfThatOfMirror() {
    // Given
    Pod pod = Pods.started(fresh);
    StatefulSet statefulSet = Pods.statefulSet(fresh, PostgresImages.DEFAULT, Optional.empty());
    Snapshot mirrored = Snapshots.with(fresh, SharedPods.mirrored(pod));
    Pod earlier = SharedPods.withoutTemplateImage(SharedPods.mirrored(pod));
    Snapshot upgraded = Snapshots.with(fresh.with(statefulSet), earlier);

    // Then
    assertThat(DataRecord.proven(mirrored, "73").image())
        .isEqualTo(PostgresImages.DEFAULT.of("17"));
    assertThat(DataRecord.proven(upgraded, "73").image())
        .isEqualTo(PostgresImages.DEFAULT.of("17"));
  }

  @Test
  void replacesRecordOnceWithAdoptedData() {
    // Given: the recorded version is that of the spec, since no other is known
    Snapshot snapshot = annotated(withData, Labels.ADOPT, "other-id");

    // When
    DataRecord other = DataRecord.proven(snapshot, "74");
    Snapshot changed = Snapshots.withSpec(recorded(snapshot, other), "version: '18'");

    // Then
    assertThat(other.systemIdentifier()).isEqualTo("74");
    assertThat(DataMismatch.of(DataRecord.proven(changed, "74"), changed)).isPresent();
  }

  private static String storage(String storage) {
    return "storage: {%s}".formatted(storage == null ? "" : storage);
  }

  private Secret secret(Optional<DataRecord> record) {
    return AppSecret.desired(fresh, new Credentials("p", true, "o", "s"), record, Pods.NOW);
  }
}
