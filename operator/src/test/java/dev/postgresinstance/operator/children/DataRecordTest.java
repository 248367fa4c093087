package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

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

  private final World fresh = Worlds.of("{}");

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
    World world =
        fresh.with(DataClaim.desired(fresh, Optional.empty())).with(secret(Optional.empty()));

    // When
    Optional<DataRecord> record = DataRecord.of(world);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void claimTellsItWithoutTheSecret() {
    // Given
    World world = Worlds.withData(fresh, RECORD);

    // When
    Optional<DataRecord> record = DataRecord.of(world);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void secretTellsItWithoutTheClaim() {
    // Given
    World world = fresh.with(secret(Optional.of(RECORD)));

    // When
    Optional<DataRecord> record = DataRecord.of(world);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void secretTellsItBesideAClaimThatWasMadeAnew() {
    // Given
    World world =
        fresh.with(secret(Optional.of(RECORD))).with(DataClaim.desired(fresh, Optional.empty()));

    // When
    Optional<DataRecord> record = DataRecord.of(world);

    // Then
    assertThat(record).contains(RECORD);
  }

  @Test
  void claimIsBelievedBeforeTheSecret() {
    // Given
    DataRecord other = new DataRecord("74", "16", "old", "old", "", "999", "", "");
    World world = Worlds.withData(fresh.with(secret(Optional.of(other))), RECORD);

    // When
    Optional<DataRecord> record = DataRecord.of(world);

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
    World world = fresh.with(DataClaim.desired(fresh, Optional.empty())).with(stranger);

    // When
    Optional<DataRecord> record = DataRecord.of(world);

    // Then
    assertThat(record).isEmpty();
  }

  @Test
  void writesWhatItReads() {
    // Given
    World world = Worlds.withNodePort(fresh, 30432);

    // When
    Map<String, String> annotations = DataRecord.annotations(world, Optional.of(RECORD));

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
    World before = Worlds.withNodePort(fresh, 30432);
    World world = fresh.with(DataClaim.desired(before, Optional.empty()));

    // When
    Map<String, String> annotations = DataRecord.annotations(world, Optional.empty());

    // Then
    assertThat(annotations).containsExactly(Map.entry("postgresinstance.dev/node-port", "30432"));
  }

  @ParameterizedTest
  @CsvSource({"30432, 30432", "'', ", "-1, ", "x, ", "123456, "})
  void nodePortThatIsNoneIsNotRead(String annotation, Integer port) {
    // Given
    World world =
        fresh.with(
            new PersistentVolumeClaimBuilder(DataClaim.desired(fresh, Optional.empty()))
                .editMetadata()
                .addToAnnotations("postgresinstance.dev/node-port", annotation)
                .endMetadata()
                .build());

    // When
    Optional<Integer> read = DataRecord.nodePort(world);

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
    World world = Worlds.of(spec);

    // When
    Optional<String> mismatch = RECORD.mismatch(world);

    // Then
    if (difference == null) {
      assertThat(mismatch).isEmpty();
    } else {
      String[] words = difference.split("[ |]");
      assertThat(mismatch.orElseThrow())
          .startsWith(
              "The data was made with %s %s, the spec says %s. Nothing was changed; "
                  .formatted((Object[]) words))
          .contains(
              words[0].equals("version")
                  ? "set spec.version back to \"17\"."
                  : "make it anew with spec.%s %s.".formatted(words[0], words[1]));
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
    World made = Worlds.withData(Worlds.of(storage(before)), RECORD);
    World world = Worlds.changed(made, storage(after));

    // When
    Optional<String> difference = RECORD.mismatch(world);

    // Then
    assertThat(difference.isPresent()).isEqualTo(mismatch);
  }

  @Test
  void whatTheRecordLacksIsTakenFromTheSpec() {
    // Given: someone has removed it
    PersistentVolumeClaim claim = DataClaim.desired(fresh, Optional.of(RECORD));
    claim.getMetadata().getAnnotations().remove("postgresinstance.dev/major");
    World world = fresh.with(claim);

    // When
    Optional<DataRecord> record = DataRecord.of(world);

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
