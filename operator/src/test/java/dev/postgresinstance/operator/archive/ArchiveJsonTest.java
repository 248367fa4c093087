package dev.postgresinstance.operator.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.store.StoreException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArchiveJsonTest {

  private static final ProgressRecord PROGRESS =
      new ProgressRecord(1, Lsn.parse("0/5000148"), Instant.parse("2026-11-28T09:15:00Z"));

  private static final BackupRecord BACKUP =
      new BackupRecord(
          1,
          "20261128-030000",
          "b1e9",
          "7456-00000001-20261128t000000z",
          "17.6",
          Instant.parse("2026-11-28T03:00:00Z"),
          Instant.parse("2026-11-28T03:05:00.5Z"),
          Lsn.parse("16/B374D848"),
          Lsn.parse("16/C0000000"),
          1,
          1_340_000_000,
          268_000_000,
          "9f86d0",
          BackupRecord.FULL,
          null);

  @Test
  void positionsAndTimesAreText() {
    assertThat(new String(ArchiveJson.write(PROGRESS), UTF_8))
        .isEqualTo("{\"formatVersion\":1,\"lsn\":\"0/5000148\",\"time\":\"2026-11-28T09:15:00Z\"}");
  }

  @Test
  void recordIsReadAsWritten() throws StoreException {
    // When
    byte[] written = ArchiveJson.write(BACKUP);

    // Then
    assertThat(ArchiveJson.parse("key", written, BackupRecord.class)).isEqualTo(BACKUP);
    assertThat(new String(written, UTF_8)).doesNotContain("parent");
  }

  @Test
  void unknownFieldIsIgnored() throws StoreException {
    assertThat(
            parse(
                "{\"formatVersion\":1,\"lsn\":\"0/5000148\",\"time\":\"2026-11-28T09:15:00Z\",\"x\":{}}"))
        .isEqualTo(PROGRESS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"formatVersion":2,"lsn":7}               | a/progress.json has format 2, and this version of the operator reads formats up to 1: upgrade the operator
          {"lsn":"0/1","time":"2026-11-28T09:15:00Z"} | a/progress.json has no formatVersion
          {"formatVersion":1,"lsn":"0/1"}           | a/progress.json is not valid
          {"formatVersion":1,"lsn":"x","time":"2026-11-28T09:15:00Z"} | not a position in the write-ahead log: x
          {"formatVersion":1,                       | a/progress.json is not valid
          """)
  void contentThatCannotBeUsedIsReported(String json, String message) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(message);
  }

  private static ProgressRecord parse(String json) throws StoreException {
    return ArchiveJson.parse("a/progress.json", json.getBytes(UTF_8), ProgressRecord.class);
  }
}
