package dev.postgresinstance.operator.feature.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Feature.Deletion;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.StatusBuilder;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestoreFeatureTest {

  private final RestoreFeature feature =
      new RestoreFeature(new ImageFeature(PostgresImages.DEFAULT), Optional.of("operator:1"));
  private final Snapshot pending = Restores.pending(Restores.FROM_ARCHIVE);

  @Test
  void writesJobInPhaseOfItsOwn() {
    // When
    List<WritePhase> phases =
        Arrays.stream(WritePhase.values())
            .filter(phase -> !feature.children(phase, Restores.input(pending, Pods.NOW)).isEmpty())
            .toList();

    // Then
    assertThat(phases).containsExactly(WritePhase.RESTORE);
    assertThat(feature.children(WritePhase.RESTORE, Restores.input(pending, Pods.NOW)))
        .extracting(Child::key)
        .isEqualTo(List.of(ObjectKey.RESTORE_JOB));
  }

  @Test
  void deletesFailedJobToTryAgain() {
    // Given
    Snapshot failed =
        Restores.ended(Restores.withJob(pending, Restores.failed(1, "No.")), "Failed");

    // When
    List<Deletion> deletions =
        feature.deletions(Restores.input(failed, Pods.NOW.plus(JobState.RETRY)));

    // Then
    assertThat(deletions).extracting(Deletion::why).hasSize(1);
    assertThat(deletions.getFirst().object())
        .isEqualTo(failed.get(ObjectKey.RESTORE_JOB).orElseThrow());
    assertThat(feature.children(WritePhase.RESTORE, Restores.input(failed, Pods.NOW))).isEmpty();
  }

  @Test
  void reportsWhyThereIsNoDataYet() {
    // Given
    ProblemLog log = new ProblemLog();

    // When
    feature.assess(Restores.input(pending, Pods.NOW), log);
    Problem problem = log.problems().getFirst();
    StatusBuilder status = new StatusBuilder(pending.instance(), Optional.of(problem), Pods.NOW);
    feature.report(
        new Observation(pending, new LoginResult.Pending(), log.problems(), List.of()),
        Pods.NOW,
        status);

    // Then
    Condition initialized = initialized(status.build());
    assertThat(initialized.getStatus()).isEqualTo("False");
    assertThat(initialized.getReason()).isEqualTo(Reason.RESTORING.word());
    assertThat(initialized.getMessage()).isEqualTo(problem.message());
  }

  private static Condition initialized(PostgresInstanceStatus status) {
    return status.condition(ConditionType.INITIALIZED).orElseThrow();
  }
}
