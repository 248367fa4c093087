package dev.postgresinstance.operator.feature.backup.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LastVerificationTest {

  private static final Instant NOW = Instant.parse("2026-01-04T05:01:10Z");
  private static final Job COMPLETE = VerificationStories.job(condition("Complete"));
  private static final Job FAILED = VerificationStories.job(condition("Failed"));
  private static final Job RUNNING = VerificationStories.job("");
  private static final String RESULT =
      "{\"reachedLsn\":\"0/5000148\",\"reachedTime\":\"2026-01-04T04:59:00.5Z\",\"seconds\":63,"
          + "\"recoverySeconds\":41,\"checkSeconds\":10,\"dumpSeconds\":2,\"checksumSeconds\":1,"
          + "\"databases\":3,\"relations\":900,\"catalogRows\":12000,\"dumpBytes\":4711,"
          + "\"checksums\":\"correct\"}";
  private static final Pod SUCCEEDED =
      VerificationStories.pod(
          "Succeeded",
          VerificationStories.ended(0, RESULT),
          VerificationStories.ended(0, "{\"backup\":\"folder-of-orders-second\"}"));
  private static final Pod DAMAGED =
      VerificationStories.pod(
          "Failed",
          VerificationStories.ended(3, "{\"reason\":\"BackupDamaged\",\"message\":\"It is bad.\"}"),
          VerificationStories.ended(
              1, "{\"reason\":\"BackupDamaged\",\"message\":\"It is bad.\"}"));

  private final Snapshot instance = VerificationStories.instance("", "", "", "");

  private static String condition(String type) {
    return "{type: %s, status: \"True\", lastTransitionTime: \"2026-01-04T05:01:05Z\"}"
        .formatted(type);
  }

  @Test
  void successTellsWhatWasReachedAndChecked() {
    assertThat(last(COMPLETE, NOW, SUCCEEDED))
        .contains(
            new VerificationStatus(
                "orders-second",
                VerificationStories.CREATED,
                "2026-01-04T05:01:05Z",
                true,
                "2026-01-04T04:59:00.500Z",
                "0/5000148",
                "1m3s",
                "Restored up to 0/5000148 in 41s. pg_amcheck has found no damage in the 900"
                    + " relations of 3 databases, the 12000 rows of all catalogs can be read, a"
                    + " dump of everything has 4711 bytes, and the checksums of all pages are"
                    + " correct.",
                "monday"));
  }

  @Test
  void failureTellsTheCause() {
    // When
    VerificationStatus last = last(FAILED, NOW, DAMAGED).orElseThrow();

    // Then
    assertThat(last.succeeded()).isFalse();
    assertThat(last.message()).isEqualTo("It is bad.");
    assertThat(last.backup()).isEqualTo("orders-second");
    assertThat(last.reachedLsn()).isNull();
  }

  @Test
  void nothingIsKnownWhileTheJobWorks() {
    assertThat(last(RUNNING, NOW)).isEmpty();
    assertThat(last(RUNNING, NOW, DAMAGED)).isEmpty();
    assertThat(last(RUNNING, NOW.plusSeconds(86_400), running())).isEmpty();
  }

  @Test
  void podThatDoesNotStartIsAFailureAfterHalfAnHour() {
    // Given
    Pod pending = VerificationStories.pod("Pending", "", "");

    // Then
    assertThat(last(RUNNING, NOW, pending)).isEmpty();
    assertThat(last(RUNNING, NOW.plusSeconds(1_800), pending))
        .hasValueSatisfying(last -> assertThat(last.succeeded()).isFalse());
    assertThat(last(RUNNING, NOW.plusSeconds(1_800)))
        .hasValueSatisfying(last -> assertThat(last.message()).contains("half an hour"));
  }

  /** The caches may show the end of the Job before that of its pod. */
  @Test
  void waitsAMomentForTheResultOfThePod() {
    assertThat(last(COMPLETE, NOW)).isEmpty();
    assertThat(last(COMPLETE, NOW, running())).isEmpty();
    assertThat(last(FAILED, NOW)).isEmpty();
    assertThat(last(COMPLETE, NOW.plusSeconds(60)))
        .hasValueSatisfying(last -> assertThat(last.message()).contains("no result"));
    assertThat(last(FAILED, NOW.plusSeconds(60)))
        .hasValueSatisfying(last -> assertThat(last.message()).contains("gone"));
  }

  @Test
  void statusKeepsTheResultOfAJobThatIsGoneOrWhosePodIsGone() {
    // Given
    Snapshot recorded =
        VerificationStories.instance(
            "",
            "",
            "",
            ", lastVerification: {startedAt: \"%s\", succeeded: true}"
                .formatted(VerificationStories.CREATED));

    // Then
    assertThat(LastVerification.of(recorded, NOW)).isPresent();
    assertThat(LastVerification.of(recorded, NOW)).isEqualTo(LastVerification.recorded(recorded));
    assertThat(LastVerification.of(recorded.with(COMPLETE), NOW.plusSeconds(999)))
        .isEqualTo(LastVerification.recorded(recorded));
  }

  private Optional<VerificationStatus> last(Job job, Instant now, Pod... pods) {
    return LastVerification.of(VerificationStories.with(Snapshots.with(instance, job), pods), now);
  }

  private static Pod running() {
    return VerificationStories.pod("Running", "running: {}", "running: {}");
  }
}
