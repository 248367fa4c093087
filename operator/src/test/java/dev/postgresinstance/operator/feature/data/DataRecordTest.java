package dev.postgresinstance.operator.feature.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataRecordTest {

  private static final DataRecord RECORD =
      new DataRecord("73", "17", "app", "app", "", "999", "postgres:17.5", "");

  private final Snapshot fresh = Snapshots.of("{}");

  @Test
  void ofNewInstanceNothingIsKnown() {
    // When
    Optional<DataRecord> record = DataRecord.of(fresh);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void childrenThatRecordNoDataSayNothing() {
    // Given
    Snapshot snapshot =
        fresh.with(DataClaim.desired(fresh, Optional.empty())).with(secret(Optional.empty()));

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void claimTellsItWithoutTheSecret() {
    // Given
    Snapshot snapshot = Snapshots.withData(fresh, RECORD);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void secretTellsItWithoutTheClaim() {
    // Given
    Snapshot snapshot = fresh.with(secret(Optional.of(RECORD)));

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void secretTellsItBesideAClaimThatWasMadeAnew() {
    // Given
    Snapshot snapshot =
        fresh.with(secret(Optional.of(RECORD))).with(DataClaim.desired(fresh, Optional.empty()));

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void claimIsBelievedBeforeTheSecret() {
    // Given
    DataRecord other = new DataRecord("74", "16", "old", "old", "", "999", "", "");
    Snapshot snapshot = Snapshots.withData(fresh.with(secret(Optional.of(other))), RECORD);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void whatAnotherInstanceRecordedIsNotRead() {
    // Given: the claim's identity counts, the Secret is that of another one
    Secret stranger =
        new SecretBuilder(secret(Optional.of(RECORD)))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "another")
            .endMetadata()
            .build();
    Snapshot snapshot = fresh.with(DataClaim.desired(fresh, Optional.empty())).with(stranger);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void writesWhatItReads() {
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
  void nodePortIsRememberedWhenTheServiceIsGone() {
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
  void nodePortThatIsNoneIsNotRead(String annotation, Integer port) {
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
  void specOfOtherDataIsNamedWithTheWayBack(String spec, String difference) {
    // Given
    Snapshot snapshot = Snapshots.of(spec);

    // When
    Optional<String> mismatch = RECORD.mismatch(snapshot);

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
    // Whoever does not say it means what there is.
    "storageClassName: fast, , false",
    ", storageClassName: fast, false"
  })
  void volumeOfAnotherClassIsOtherData(String before, String after, boolean mismatch) {
    // Given
    Snapshot made = Snapshots.withData(Snapshots.of(storage(before)), RECORD);
    Snapshot snapshot = Snapshots.changed(made, storage(after));

    // When
    Optional<String> difference = RECORD.mismatch(snapshot);

    // Then
    assertThat(difference.isPresent()).isEqualTo(mismatch);
  }

  @Test
  void whatTheRecordLacksIsTakenFromTheSpec() {
    // Given: someone has removed it
    PersistentVolumeClaim claim = DataClaim.desired(fresh, Optional.of(RECORD));
    claim.getMetadata().getAnnotations().remove("postgresinstance.dev/major");
    Snapshot snapshot = fresh.with(claim);

    // When
    Optional<DataRecord> record = DataRecord.of(snapshot);

    // Then
    assertThat(record).contains(RECORD);
  }

  private static String storage(String storage) {
    return "storage: {%s}".formatted(storage == null ? "" : storage);
  }

  private Secret secret(Optional<DataRecord> record) {
    return AppSecret.desired(fresh, new Credentials("p", true, "o", "s"), record, Pods.NOW);
  }
}
