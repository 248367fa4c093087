package dev.postgresinstance.operator.feature.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.backup.verification.VerificationStories;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerificationPlanTest {

  /** A Sunday. */
  private static final Instant NOW = Instant.parse("2026-01-04T05:00:03Z");

  private static final String SUNDAYS = ", verify: {schedule: \"0 5 * * 0\"}";
  private static final String REQUESTED =
      ", annotations: {postgresinstance.dev/verify-backup: monday}";
  private static final String ENDED =
      ", lastVerification: {startedAt: \"%s\", succeeded: true, request: %s}";
  private static final String COMPLETE =
      "{type: Complete, status: \"True\", lastTransitionTime: \"2026-01-04T05:01:05Z\"}";

  @Test
  void schedulePicksTheNewestBackupOfTheLineage() {
    // When
    Job job = created(instance("", SUNDAYS, "", ""), NOW).orElseThrow();

    // Then
    assertThat(Annotations.get(job, Labels.BACKUP)).contains("orders-second");
    assertThat(Annotations.get(job, Labels.VERIFY_BACKUP)).contains("");
    for (Container container : job.getSpec().getTemplate().getSpec().getContainers()) {
      assertThat(container.getEnv()).contains(new EnvVar("PGI_VERIFY", "true", null));
    }
  }

  @Test
  void missedMomentsAreMadeUpForOnce() {
    // Given
    Instant later = NOW.plusSeconds(40 * 86_400);
    String before = ENDED.formatted("2026-01-04T05:00:03Z", "x");
    String after = ENDED.formatted("2026-02-11T00:00:00Z", "x");

    // Then
    assertThat(created(instance("", SUNDAYS, "", before), later)).isPresent();
    assertThat(created(instance("", SUNDAYS, "", after), later)).isEmpty();
  }

  @Test
  void nothingIsDueBeforeItsTimeOrWithoutSchedule() {
    assertThat(created(instance("", SUNDAYS, "", ""), NOW.minusSeconds(60))).isEmpty();
    assertThat(created(instance("", "", "", ""), NOW)).isEmpty();
    assertThat(created(instance("", ", verify: {}", "", ""), NOW)).isEmpty();
  }

  @Test
  void newValueOfTheAnnotationIsDueOnce() {
    assertThat(created(instance("", "", REQUESTED, ""), NOW))
        .flatMap(job -> Annotations.get(job, Labels.VERIFY_BACKUP))
        .contains("monday");
    assertThat(created(requestedBefore("sunday"), NOW)).isPresent();
    assertThat(created(requestedBefore("monday"), NOW)).isEmpty();
  }

  private static Snapshot requestedBefore(String value) {
    return instance("", "", REQUESTED, ENDED.formatted("2026-01-04T00:00:00Z", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"suspend: true"})
  void waitsWhileNothingMayRun(String spec) {
    assertThat(created(instance(spec, SUNDAYS, REQUESTED, ""), NOW)).isEmpty();
  }

  @Test
  void waitsForACompleteBackupOfTheLineage() {
    // Given
    Snapshot instance = instance("", SUNDAYS, REQUESTED, "");
    Snapshot withoutBackups =
        new Snapshot(instance.instance(), instance.objects(), instance.cluster());

    // Then
    assertThat(created(withoutBackups, NOW)).isEmpty();
  }

  @Test
  void leavesAJobAloneThatWorksOrIsNotRecorded() {
    // Given
    Snapshot instance = instance("", SUNDAYS, REQUESTED, "");

    // Then
    for (String condition : List.of("", COMPLETE)) {
      assertThat(plan(instance.with(VerificationStories.job(condition)), NOW))
          .isEqualTo(new VerificationPlan(Optional.empty(), Optional.empty()));
    }
  }

  @Test
  void recordedJobIsDeletedWhenAnotherIsDue() {
    // Given
    Job job = VerificationStories.job(COMPLETE);
    String ended = ENDED.formatted(VerificationStories.CREATED, "monday");

    // Then
    assertThat(plan(instance("", "", REQUESTED, ended).with(job), NOW).delete()).isEmpty();
    assertThat(plan(instance("", SUNDAYS, "", ended).with(job), NOW.plusSeconds(700_000)).delete())
        .isPresent();
    assertThat(
            plan(
                    instance("", "", REQUESTED.replace("monday", "again"), ended).with(job),
                    NOW.plusSeconds(60))
                .delete())
        .isPresent();
  }

  @Test
  void jobThatIsGivenUpIsDeleted() {
    String ended = ENDED.formatted(VerificationStories.CREATED, "monday");

    assertThat(
            plan(instance("", "", REQUESTED, ended).with(VerificationStories.job("")), NOW)
                .delete())
        .contains("it does not start");
  }

  private static Snapshot instance(String spec, String verify, String metadata, String status) {
    return VerificationStories.instance(spec, verify, metadata, status);
  }

  private static Optional<Job> created(Snapshot snapshot, Instant now) {
    return plan(snapshot, now).create();
  }

  private static VerificationPlan plan(Snapshot snapshot, Instant now) {
    return VerificationPlan.of(snapshot, "postgres:17", Optional.of("operator:1"), now);
  }
}
