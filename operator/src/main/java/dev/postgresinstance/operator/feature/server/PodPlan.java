package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.SessionRequest;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Optional;

/**
 * What a reconciliation does to the pod. At most one of {@code withoutPod} and {@code replacement}
 * is present; with neither, the pod stays.
 *
 * @param request what the server has to do before a later reconciliation replaces the pod
 * @param withoutPod the StatefulSet by which the pod stops and stays away
 * @param replacement why the pod is deleted, so that the StatefulSet creates the next one; part of
 *     a sentence
 * @param problem what the status says about that
 */
public record PodPlan(
    Optional<SessionRequest> request,
    Optional<Child<StatefulSet>> withoutPod,
    Optional<String> replacement,
    Optional<Problem> problem) {

  static PodPlan keep(Optional<Problem> problem) {
    return new PodPlan(Optional.empty(), Optional.empty(), Optional.empty(), problem);
  }

  static PodPlan keepUntil(SessionRequest request, Optional<Problem> problem) {
    return new PodPlan(Optional.of(request), Optional.empty(), Optional.empty(), problem);
  }

  static PodPlan stop(Child<StatefulSet> withoutPod, Optional<Problem> problem) {
    return new PodPlan(Optional.empty(), Optional.of(withoutPod), Optional.empty(), problem);
  }

  static PodPlan replace(String why, Optional<Problem> problem) {
    return new PodPlan(Optional.empty(), Optional.empty(), Optional.of(why), problem);
  }

  /** Whether the pod stays. */
  public boolean keepsPod() {
    return withoutPod.isEmpty() && replacement.isEmpty();
  }
}
