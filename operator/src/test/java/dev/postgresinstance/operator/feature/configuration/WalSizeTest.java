package dev.postgresinstance.operator.feature.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalSizeTest {

  @ParameterizedTest(name = "volume {0}, segments {1}: max {2}, min {3}, kept {4}, for slots {5}")
  @CsvSource({
    // A fifth of the volume,
    "256Mi,  16MB,   51,   51,  48,    64",
    "1Gi,    16MB,  204,   80,  48,   204",
    "1536Mi, 16MB,  307,   80,  48,   307",
    // rounded down to whole megabytes,
    "1G,     16MB,  190,   80,  48,   190",
    "4Gi,    16MB,  819,   80,  48,   819",
    // at most PostgreSQL's own default,
    "5Gi,    16MB, 1024,   80,  48,  1024",
    "64Ti,   16MB, 1024,   80,  48, 13421772",
    // and at least two segments. Three of them are kept if that is at most a fifth of the volume.
    "256Mi,  32MB,   64,   64,   0,    64",
    "1Gi,   128MB,  256,  256,   0,   256",
    "8Gi,     1GB, 2048, 2048,   0,  2048",
    "1Gi,     1MB,  204,   80,   3,   204"
  })
  void limitsWalToPartOfVolumeAndAtLeastTwoSegments(
      String volume, String segments, int max, int min, int kept, int slots) {
    // Given
    Snapshot snapshot =
        Snapshots.of(
            "{storage: {size: %s}, initdb: {walSegmentSize: %s}}".formatted(volume, segments));

    // When
    Map<String, String> settings = WalSize.settings(snapshot.instance().getSpec());

    // Then
    assertThat(settings)
        .containsEntry("max_wal_size", max + "MB")
        .containsEntry("min_wal_size", min + "MB")
        .containsEntry("wal_keep_size", kept + "MB")
        .containsEntry("max_slot_wal_keep_size", slots + "MB");
  }
}
