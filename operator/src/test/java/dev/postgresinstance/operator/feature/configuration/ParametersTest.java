package dev.postgresinstance.operator.feature.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Snapshots;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {

  @ParameterizedTest(name = "limit {0}: shared_buffers {1}, effective_cache_size {2}")
  @CsvSource({
    "128Mi, 32, 96, 16",
    // maintenance_work_mem is a sixteenth of the limit, at least 16 MB
    "256Mi, 64, 192, 16",
    "272Mi, 68, 204, 17",
    "1Gi, 256, 768, 64",
    // and at most 1 GB.
    "16Gi, 4096, 12288, 1024",
    "64Gi, 16384, 49152, 1024",
    // Sizes are rounded down to whole mebibytes.
    "1G, 238, 714, 59"
  })
  void derivesMemoryParametersFromLimit(
      String limit, int sharedBuffers, int cacheSize, int maintenance) {
    // When
    Map<String, String> defaults = defaults("resources: {limits: {memory: %s}}".formatted(limit));

    // Then
    assertThat(defaults)
        .containsEntry("shared_buffers", sharedBuffers + "MB")
        .containsEntry("effective_cache_size", cacheSize + "MB")
        .containsEntry("maintenance_work_mem", maintenance + "MB");
  }

  @Test
  void leavesMemoryParametersToPostgresWithoutLimit() {
    // When
    Map<String, String> defaults = defaults("resources: {limits: {cpu: 1}}");

    // Then
    assertThat(defaults)
        .doesNotContainKeys("shared_buffers", "effective_cache_size", "maintenance_work_mem");
  }

  @ParameterizedTest(name = "PostgreSQL {0}: reserved_connections {1}, allow_alter_system {2}")
  @CsvSource({"15, , ", "16, 3, ", "17, 3, off", "18, 3, off"})
  void setsOnlyParametersThatVersionKnows(
      String version, String reservedConnections, String allowAlterSystem) {
    // When
    Map<String, String> defaults = defaults("version: '%s'".formatted(version));

    // Then
    assertThat(defaults.get("reserved_connections")).isEqualTo(reservedConnections);
    assertThat(defaults.get("allow_alter_system")).isEqualTo(allowAlterSystem);
  }

  @Test
  void recordsWhatChangesOnlyForIncrementalBackups() {
    // When
    Map<String, String> full = defaults("backup: {store: {s3: {bucket: b}}}");
    Map<String, String> incremental =
        defaults("backup: {store: {s3: {bucket: b}}, incremental: {perFull: 1}}");

    // Then
    assertThat(full).doesNotContainKey("summarize_wal");
    assertThat(incremental).containsEntry("summarize_wal", "on");
  }

  @Test
  void commitsWaitForTheBackupPodOnlyOnRequest() {
    String backup = "backup: {store: {volume: {size: 1Gi}}, wal: {synchronous: %s}}";

    assertThat(defaults(backup.formatted(true)))
        .containsEntry("synchronous_standby_names", "pgi_receiver");
    assertThat(defaults(backup.formatted(false))).doesNotContainKey("synchronous_standby_names");
    assertThat(defaults("{}")).doesNotContainKey("synchronous_standby_names");
  }

  @Test
  void limitsWriteAheadLogToSizeOfVolume() {
    // When
    Map<String, String> defaults = defaults("storage: {size: 1Gi}");

    // Then
    assertThat(defaults)
        .containsEntry("max_wal_size", "204MB")
        .containsEntry("min_wal_size", "80MB");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          8MB     | a = '8MB'
          it's    | a = 'it''s'
          C:\\new | a = 'C:\\\\new'
          \\'     | a = '\\\\'''
          b # c   | a = 'b # c'
          ""      | a = ''
          """)
  void escapesQuotesAndBackslashesInLine(String value, String expected) {
    // When
    String line = Parameters.line("a", value);

    // Then
    assertThat(line).isEqualTo(expected + "\n");
  }

  private static Map<String, String> defaults(String spec) {
    return Parameters.defaults(Snapshots.of(spec).instance().getSpec());
  }
}
