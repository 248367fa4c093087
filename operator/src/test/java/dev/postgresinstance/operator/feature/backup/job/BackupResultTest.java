package dev.postgresinstance.operator.feature.backup.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackupResultTest {

  @Test
  void readsAllFields() {
    // When
    BackupResult result = BackupResults.of(BackupStories.RESULT).orElseThrow();

    // Then
    assertThat(result)
        .isEqualTo(
            new BackupResult(
                "20261128-030000",
                BackupStories.LINEAGE,
                Instant.parse("2026-11-28T03:00:05Z"),
                "0/3000028",
                "0/3000158",
                1,
                "17.12",
                1_287_651_328,
                1,
                Optional.empty(),
                List.of("20261101-030000"),
                Optional.empty(),
                Optional.of(1_363_148_800L)));
  }

  @Test
  void sizeOfTheArchiveMayBeUnknown() {
    assertThat(BackupResults.of(BackupStories.RESULT.replace("archiveSize", "other")))
        .get()
        .extracting(BackupResult::archiveSize)
        .isEqualTo(Optional.empty());
  }

  @Test
  void readsTheParentOfAnIncrementalBackup() {
    // When
    var result =
        BackupResults.of(
            BackupStories.RESULT.replace(
                "\"deleted\"", "\"parent\":\"20261127-030000\",\"deleted\""));

    // Then
    assertThat(result.orElseThrow().parent()).contains("20261127-030000");
  }

  @Test
  void readsAResultWithoutDeletedBackups() {
    // When
    var result =
        BackupResults.of(BackupStories.RESULT.replace(",\"deleted\":[\"20261101-030000\"]", ""));

    // Then
    assertThat(result.orElseThrow().deleted()).isEmpty();
  }

  /** The API server would reject such a status, again and again. */
  @ParameterizedTest
  @CsvSource({
    "20261128-030000, ''",
    "20261128-030000, ../other",
    "7300000000000000001-00000001-20261101t000000z, ''",
    "2026-11-28T03:00:05Z, yesterday",
    "0/3000028, 3000028",
    "0/3000158, 0/30001580000",
    "'\"timeline\":1', '\"timeline\":0'",
    "'\"timeline\":1', '\"timeline\":4294967296'",
    "17.12, unknown",
    "1287651328, -5",
    "'\"size\":1287651328,', ''",
    "'\"deleted\"', '\"parent\":\"../other\",\"deleted\"'"
  })
  void refusesWhatTheStatusCannotHold(String good, String bad) {
    // When
    var result = BackupResults.of(BackupStories.RESULT.replace(good, bad));

    // Then
    assertThat(BackupStories.RESULT).contains(good);
    assertThat(result).isEmpty();
  }
}
