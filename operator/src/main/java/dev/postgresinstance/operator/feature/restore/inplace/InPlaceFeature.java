package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.feature.WritePhase;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.feature.restore.JobPlan;
import dev.postgresinstance.operator.feature.restore.JobState;
import dev.postgresinstance.operator.feature.restore.RestoreOrder;
import dev.postgresinstance.operator.feature.restore.RestoreSource;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import dev.postgresinstance.operator.report.Rank;
import dev.postgresinstance.operator.report.StatusBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Restores the data of an instance in place.
 *
 * @param image decides the image of the server, which also recovers the data
 * @param operatorImage the image of the operator, which has the program that reads the archive;
 *     empty when it is not known, and nothing can be restored
 */
public record InPlaceFeature(ImageFeature image, Optional<String> operatorImage)
    implements Feature {

  @Override
  public void assess(ReconcileInput input, ProblemLog log) {
    Snapshot snapshot = input.snapshot();
    InPlaceState state = InPlaceState.of(snapshot, input.now());
    log.add(problem(input, state).map(InPlaceFeature::note));
    if (state instanceof InPlaceState.Restored restored && !snapshot.suspended()) {
      log.add(RestoreSource.problem(Reason.RESTORING, exchanging(snapshot, restored)));
    }
  }

  private Optional<Problem> problem(ReconcileInput input, InPlaceState state) {
    Snapshot snapshot = input.snapshot();
    return switch (state) {
      case InPlaceState.None none -> Optional.empty();
      case InPlaceState.InUse inUse -> Optional.empty();
      case InPlaceState.Refused refused ->
          Optional.of(new Problem(Reason.RESTORE_REFUSED, refused.message()));
      case InPlaceState.Blocked blocked ->
          Optional.of(new Problem(Reason.RESTORING, InPlaceMessages.blocked(blocked.claim())));
      case InPlaceState.Restored restored ->
          Optional.of(new Problem(Reason.RESTORING, exchanging(snapshot, restored)));
      case InPlaceState.Pending pending -> plan(input, pending).problem();
    };
  }

  private static String exchanging(Snapshot snapshot, InPlaceState.Restored restored) {
    return InPlaceMessages.exchanging(snapshot, restored.claim());
  }

  /** The server runs meanwhile. */
  private static Problem note(Problem problem) {
    return new Problem(
        ConditionType.RESTORED_IN_PLACE, Rank.NOTE, problem.reason(), problem.message());
  }

  /** Deletes the Job of a restore that is not requested any more, or that another one follows. */
  @Override
  public List<Deletion> deletions(ReconcileInput input) {
    InPlaceState state = InPlaceState.of(input.snapshot(), input.now());
    Optional<Job> job = input.snapshot().get(ObjectKey.RESTORE_JOB);
    Optional<Job> abandoned = job.filter(present -> isAbandoned(input.snapshot(), present, state));
    if (abandoned.isPresent()) {
      return List.of(
          new Deletion(abandoned.get(), "the restore in place is not requested any more"));
    }
    return state instanceof InPlaceState.Pending pending
        ? plan(input, pending).delete().stream()
            .flatMap(why -> job.stream().map(present -> new Deletion(present, why)))
            .toList()
        : List.of();
  }

  /** Of a restore that was completed, the Job stays for its log. */
  private static boolean isAbandoned(Snapshot snapshot, Job job, InPlaceState state) {
    Optional<String> value = Annotations.get(job, Labels.RESTORE_TO);
    return value.isPresent()
        && !value.equals(state.wanted())
        && !value.equals(Annotations.get(snapshot.get(ObjectKey.CLAIM), ClaimInUse.RESTORED_TO))
        && Ownership.isOwner(snapshot.instance(), job)
        && job.getMetadata().getDeletionTimestamp() == null;
  }

  @Override
  public List<Child<?>> children(WritePhase phase, ReconcileInput input) {
    if (phase != WritePhase.RESTORE) {
      return List.of();
    }
    InPlaceState state = InPlaceState.of(input.snapshot(), input.now());
    List<Child<?>> children =
        new ArrayList<>(InPlaceClaims.abandoned(input.snapshot(), state.wanted()));
    switch (state) {
      case InPlaceState.Pending pending -> restore(input, pending).forEach(children::add);
      case InPlaceState.Restored restored -> exchange(input, restored).ifPresent(children::add);
      default -> {
        // There is nothing to restore, or it is restored.
      }
    }
    return children.stream().<Child<?>>map(child -> withFallback(input.snapshot(), child)).toList();
  }

  /** The server runs without the restore. */
  private static <T extends HasMetadata> Child<T> withFallback(Snapshot snapshot, Child<T> child) {
    return child.orElse(
        rejection ->
            Optional.of(
                new Fallback.Leave<>(
                    note(ApiProblems.rejected(snapshot.instance(), child.desired(), rejection)))));
  }

  private Stream<Child<?>> restore(ReconcileInput input, InPlaceState.Pending pending) {
    Snapshot snapshot = input.snapshot();
    RestoreRequest request = pending.request();
    RestoreOrder order = InPlaceOrder.of(snapshot, request);
    boolean isPossible =
        order.source() instanceof RestoreSource.Archive && operatorImage.isPresent();
    if (snapshot.get(ObjectKey.RESTORE_CLAIM).isEmpty()) {
      return isPossible ? Stream.of(InPlaceClaims.empty(snapshot, request)) : Stream.empty();
    }
    return complete(snapshot)
        .<Child<?>>map(
            job -> InPlaceClaims.restored(snapshot, request, JobState.pods(snapshot, job)))
        .or(() -> plan(input, pending).create().map(job -> Child.of(ObjectKey.RESTORE_JOB, job)))
        .stream();
  }

  /** The Job that has restored the data onto the claim. */
  private static Optional<Job> complete(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.RESTORE_JOB)
        .filter(JobState::isComplete)
        .filter(
            job ->
                snapshot
                    .get(ObjectKey.RESTORE_CLAIM)
                    .filter(claim -> JobState.isOnto(claim, job))
                    .isPresent());
  }

  private static Optional<Child<?>> exchange(ReconcileInput input, InPlaceState.Restored restored) {
    return InPlaceServer.isGone(input.snapshot())
            && InPlaceServer.isArchived(input.snapshot(), input.now())
        ? Optional.of(InPlaceClaims.exchange(input.snapshot(), restored))
        : Optional.empty();
  }

  private JobPlan plan(ReconcileInput input, InPlaceState.Pending pending) {
    return complete(input.snapshot()).isPresent()
        ? JobPlan.NOTHING
        : JobPlan.of(
            input,
            InPlaceOrder.of(input.snapshot(), pending.request()),
            image.plan(input).image(),
            operatorImage);
  }

  @Override
  public void report(Observation observation, Instant now, StatusBuilder status) {
    Snapshot snapshot = observation.snapshot();
    InPlaceState state = InPlaceState.of(snapshot, now);
    if (state instanceof InPlaceState.InUse inUse) {
      status.condition(
          ConditionType.RESTORED_IN_PLACE,
          true,
          Reason.RESTORE_COMPLETED,
          InPlaceMessages.inUse(snapshot, inUse.claim()));
    } else if (!(state instanceof InPlaceState.None)) {
      observation
          .worst(ConditionType.RESTORED_IN_PLACE)
          .ifPresentOrElse(
              problem -> status.failed(ConditionType.RESTORED_IN_PLACE, problem),
              () -> unchanged(status));
    }
  }

  /** The reconciliation was paused, or stopped before it came to the restore. */
  private static void unchanged(StatusBuilder status) {
    status
        .previous()
        .condition(ConditionType.RESTORED_IN_PLACE)
        .ifPresentOrElse(
            status::keep,
            () ->
                status.condition(
                    ConditionType.RESTORED_IN_PLACE,
                    false,
                    Reason.RESTORING,
                    "The restore has not begun; the condition Ready says why."));
  }
}
