package dev.postgresinstance.operator.feature.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataClaimTest {

  @ParameterizedTest(name = "{0} present, {1} requested: {2}")
  @CsvSource({
    "1Gi, 2Gi, 2Gi",
    "2Gi, 1Gi, 2Gi",
    // An equal size keeps its present notation; otherwise each reconciliation would send it.
    "1Gi, 1024Mi, 1Gi",
    "1Gi, 1073741824, 1Gi",
    "1Gi, 1025Mi, 1025Mi",
    "1G, 1Gi, 1Gi"
  })
  void growsToRequestedSizeButNeverShrinks(String present, String requested, String size) {
    // Given
    Snapshot snapshot =
        Snapshots.withSpec(existing(present), "storage: {size: %s}".formatted(requested));

    // When
    PersistentVolumeClaim claim = DataClaim.desired(snapshot, Optional.empty());

    // Then
    assertThat(DataClaim.size(claim)).hasToString(size);
  }

  @Test
  void keepsPresentSizeWhenExpansionIsRejected() {
    // Given
    Snapshot snapshot = Snapshots.withSpec(existing("1Gi"), "storage: {size: 2Gi}");

    // When
    PersistentVolumeClaim claim = DataClaim.ofPresentSize(snapshot, Optional.empty());

    // Then
    assertThat(DataClaim.size(claim)).hasToString("1Gi");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      nullValues = "none",
      value = {"``, none", "storageClassName: fast, fast", "storageClassName: '', ``"})
  void usesStorageClassOfSpecAndKeepsEmptyClass(String storage, String storageClass) {
    // Given
    Snapshot snapshot = Snapshots.of("storage: {%s}".formatted(storage));

    // When
    PersistentVolumeClaim claim = DataClaim.desired(snapshot, Optional.empty());

    // Then
    assertThat(claim.getSpec().getStorageClassName()).isEqualTo(storageClass);
  }

  private static Snapshot existing(String size) {
    Snapshot snapshot = Snapshots.of("storage: {size: %s}".formatted(size));
    return snapshot.with(DataClaim.desired(snapshot, Optional.empty()));
  }
}
