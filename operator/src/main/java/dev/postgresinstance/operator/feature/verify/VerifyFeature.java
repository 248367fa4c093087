package dev.postgresinstance.operator.feature.verify;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Optional;

/**
 * Verifies the newest backup when that is due.
 *
 * @param image decides the image of the server, which also recovers the data
 * @param operatorImage the image of the operator, which has the program that reads the archive;
 *     empty when it is not known, and nothing can be verified
 */
public record VerifyFeature(ImageFeature image, Optional<String> operatorImage) implements Feature {

  @Override
  public List<Deletion> deletions(ReconcileInput input) {
    return plan(input).delete().stream()
        .flatMap(
            why ->
                input.snapshot().get(ObjectKey.VERIFY_JOB).stream()
                    .map(job -> new Deletion(job, why)))
        .toList();
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    return phase == WritePhase.BACKUP
        ? plan(input).create().stream().<Child<?>>map(job -> child(input, job)).toList()
        : List.of();
  }

  /** The instance works without its verification. */
  private static Child<Job> child(ReconcileInput input, Job job) {
    return Child.of(ObjectKey.VERIFY_JOB, job)
        .orElse(rejection -> Optional.of(new Fallback.Leave<>(problem(input, job, rejection))));
  }

  private static Problem problem(ReconcileInput input, Job job, Rejection rejection) {
    Problem rejected = ApiProblems.rejected(input.snapshot().instance(), job, rejection);
    return new Problem(
        ConditionType.BACKUP_READY, Rank.NOTE, rejected.reason(), rejected.message());
  }

  private VerificationPlan plan(ReconcileInput input) {
    return VerificationPlan.of(
        input.snapshot(), image.plan(input).image(), operatorImage, input.now());
  }
}
