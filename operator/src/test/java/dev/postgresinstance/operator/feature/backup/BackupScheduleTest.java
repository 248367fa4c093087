package dev.postgresinstance.operator.feature.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.BackupVerification;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackupScheduleTest {

  private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0 3 * * *       | Etc/UTC       | 2026-01-02T02:59:59Z | 2026-01-01T03:00:00Z
          0 3 * * *       | Etc/UTC       | 2026-01-02T03:00:00Z | 2026-01-02T03:00:00Z
          0 3 * * *       | Europe/Zurich | 2026-01-02T02:00:01Z | 2026-01-02T02:00:00Z
          0 3 * * *       | Europe/Zurich | 2026-07-02T02:00:01Z | 2026-07-02T01:00:00Z
          */15 * * * *    | Etc/UTC       | 2026-01-02T03:44:00Z | 2026-01-02T03:30:00Z
          0 5 * * 0       | Etc/UTC       | 2026-11-30T00:00:00Z | 2026-11-29T05:00:00Z
          0 5 * * 7       | Etc/UTC       | 2026-11-30T00:00:00Z | 2026-11-29T05:00:00Z
          0 5 * * sun     | Etc/UTC       | 2026-11-30T00:00:00Z | 2026-11-29T05:00:00Z
          0  5 1,15 jan * | Etc/UTC       | 2026-11-30T00:00:00Z | 2026-01-15T05:00:00Z
          0 3 13 * 5      | Etc/UTC       | 2026-11-30T00:00:00Z | 2026-11-27T03:00:00Z
          """)
  void lastMomentOfTheScheduleIsDue(String schedule, String zone, Instant now, Instant expected) {
    assertThat(spec(schedule, zone).due(LONG_AGO, now)).contains(expected);
  }

  @Test
  void missedMomentsAreMadeUpForOnce() {
    // Given
    BackupSchedule daily = spec("0 3 * * *", "Etc/UTC");
    Instant now = Instant.parse("2026-01-05T12:00:00Z");

    // When, Then
    assertThat(daily.due(Instant.parse("2026-01-02T03:00:00Z"), now))
        .contains(Instant.parse("2026-01-05T03:00:00Z"));
    assertThat(daily.due(Instant.parse("2026-01-05T03:00:00Z"), now)).isEmpty();
  }

  /** The clocks go forward from 2:00 to 3:00 on 29 March 2026, and back on 25 October 2026. */
  @ParameterizedTest
  @CsvSource({
    "2026-03-28T00:00:00Z, 2026-03-31T00:00:00Z, 3",
    "2026-10-24T00:00:00Z, 2026-10-27T00:00:00Z, 3"
  })
  void everyDayHasItsBackupWhenTheClocksChange(Instant from, Instant to, int expected) {
    // Given
    BackupSchedule daily = spec("30 2 * * *", "Europe/Zurich");
    int backups = 0;
    Instant last = from;

    // When
    for (Instant now = from; now.isBefore(to); now = now.plusSeconds(60)) {
      var due = daily.due(last, now);
      if (due.isPresent()) {
        backups++;
        last = due.get();
      }
    }

    // Then
    assertThat(backups).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          61 3 * * *  | Etc/UTC     | spec.backup.schedule "61 3 * * *" is not valid
          0 3 * foo * | Etc/UTC     | spec.backup.schedule "0 3 * foo *" is not valid
          0 3 * * *   | Europe/Bern | spec.backup.timeZone Europe/Bern is not known
          """)
  void invalidScheduleIsExplainedAndNeverDue(String schedule, String zone, String message) {
    BackupSchedule spec = spec(schedule, zone);

    assertThat(spec.fault()).hasValueSatisfying(t -> assertThat(t).startsWith(message));
    assertThat(spec.due(LONG_AGO, Instant.now())).isEmpty();
  }

  @Test
  void withoutScheduleNothingIsDue() {
    BackupSchedule spec = spec(null, "Etc/UTC");

    assertThat(spec.fault()).isEmpty();
    assertThat(spec.due(LONG_AGO, Instant.now())).isEmpty();
  }

  @Test
  void verificationsHaveAScheduleOfTheirOwn() {
    // Given
    Instant sunday = Instant.parse("2026-11-29T05:00:00Z");
    BackupSpec spec =
        new BackupSpec(
            null, "0 3 * * *", "Etc/UTC", null, null, null, new BackupVerification("0 5 * * 0"));

    // When, Then
    assertThat(BackupSchedule.ofVerifications(spec).due(LONG_AGO, sunday.plusSeconds(9_999)))
        .contains(sunday);
    assertThat(
            BackupSchedule.ofVerifications(
                    new BackupSpec(
                        null,
                        "0 3 * * *",
                        "Etc/UTC",
                        null,
                        null,
                        null,
                        new BackupVerification("x")))
                .fault())
        .hasValueSatisfying(
            text -> assertThat(text).startsWith("spec.backup.verify.schedule \"x\" is not valid"));
  }

  private static BackupSchedule spec(String schedule, String zone) {
    return BackupSchedule.ofBackups(new BackupSpec(null, schedule, zone, null, null, null, null));
  }
}
