package dev.postgresinstance.operator.feature.image;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.RestartRequest;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.WaitingReason;
import dev.postgresinstance.operator.instance.pod.OtherContainers;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import dev.postgresinstance.operator.instance.termination.StartScriptRefusal;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which image the next pod has: the requested one, unless that one turned out not to work. Then it
 * is the last image with which a login succeeded, so that a wrong image costs no availability.
 *
 * @param image reference of the image
 * @param requested the image that the spec asks for
 * @param refusal why the requested image does not work; empty while that is not known
 */
public record ImagePlan(String image, String requested, Optional<RememberedRefusal> refusal) {

  /** How long a node may take to pull an image. */
  private static final Duration PULL_TIMEOUT = Duration.ofSeconds(60);

  /**
   * The first server that ends may have ended because of its configuration; the second one has the
   * last configuration that worked.
   */
  private static final int ENDS_UNTIL_REFUSED = 2;

  /**
   * The plan after what the pod shows.
   *
   * @param record has the last image with which a login succeeded
   */
  public static ImagePlan of(
      Snapshot snapshot, PostgresImages images, Optional<DataRecord> record, Instant now) {
    String requested = requested(snapshot.instance().getSpec(), images);
    Optional<String> worked = record.map(DataRecord::image).filter(image -> !image.isEmpty());
    String key = RestartRequest.keyOf(snapshot.instance(), requested);
    Optional<RememberedRefusal> refusal =
        worked
            .filter(image -> !image.equals(requested))
            .flatMap(
                other ->
                    RememberedRefusal.in(
                            snapshot.get(ObjectKey.STATEFUL_SET), Labels.REFUSED_IMAGE, key)
                        .or(
                            () ->
                                failure(snapshot, requested, now)
                                    .map(why -> new RememberedRefusal(key, why))));
    return new ImagePlan(refusal.isPresent() ? worked.get() : requested, requested, refusal);
  }

  private static String requested(PostgresInstanceSpec spec, PostgresImages images) {
    return Optional.ofNullable(spec.image()).orElseGet(() -> images.of(spec.version().text()));
  }

  private static Optional<String> failure(Snapshot snapshot, String requested, Instant now) {
    return snapshot
        .activePod()
        .filter(
            pod ->
                DatabaseContainer.requestedImage(pod, snapshot.get(ObjectKey.STATEFUL_SET))
                    .equals(Optional.of(requested)))
        .flatMap(pod -> DatabaseContainer.status(pod).flatMap(status -> failure(pod, status, now)));
  }

  private static Optional<String> failure(Pod pod, ContainerStatus status, Instant now) {
    return Optional.ofNullable(status.getState())
        .map(ContainerState::getWaiting)
        .filter(state -> isPulling(pod, state))
        .filter(state -> !waitsSince(pod).plus(PULL_TIMEOUT).isAfter(now))
        .map(
            state ->
                "it could not be pulled in %d seconds: %s"
                    .formatted(
                        PULL_TIMEOUT.toSeconds(),
                        LastTermination.shorten(
                            Optional.ofNullable(state.getMessage()).orElse("the pull is running"))))
        .or(
            () ->
                DatabaseContainer.lastTermination(pod)
                    .flatMap(end -> startFailure(pod, end, status.getRestartCount())));
  }

  /**
   * Not while the pod waits for its volume, or for a container of somebody else, for which another
   * image would wait as well.
   */
  private static boolean isPulling(Pod pod, ContainerStateWaiting waiting) {
    return WaitingReason.isImageUnavailable(waiting)
        || (WaitingReason.isCreating(waiting)
            && PodState.trueSince(pod, "PodReadyToStartContainers").isPresent()
            && OtherContainers.creatingBefore(pod).isEmpty());
  }

  /** The kubelet pulls the image after the containers that it starts before have started. */
  private static Instant waitsSince(Pod pod) {
    Optional<Instant> ready =
        PodState.trueSince(pod, "PodReadyToStartContainers")
            .or(() -> PodState.trueSince(pod, "PodScheduled"));
    return ready
        .flatMap(
            since ->
                Stream.of(
                        Stream.of(since),
                        PodState.trueSince(pod, "Initialized").stream(),
                        OtherContainers.startsBefore(pod))
                    .flatMap(times -> times)
                    .max(Comparator.naturalOrder()))
        .orElse(Instant.MAX.minus(PULL_TIMEOUT));
  }

  private static Optional<String> startFailure(
      Pod pod, ContainerStateTerminated termination, int ends) {
    Optional<StartScriptRefusal> refusal = StartScriptRefusal.of(termination);
    if (refusal.isPresent()) {
      return refusal
          .filter(r -> r.reason() == Reason.IMAGE_DOES_NOT_FIT)
          .map(r -> LastTermination.shorten(r.message()));
    }
    if (LastTermination.isStartError(termination)) {
      return Optional.of(
          LastTermination.shorten("its programs do not start: " + termination.getMessage()));
    }
    return ends >= ENDS_UNTIL_REFUSED
            && !LastTermination.isDiskFull(termination)
            && !LastTermination.isOutOfMemory(termination)
        ? Optional.of(
            "the server does not start with it: " + LastTermination.describe(Optional.of(pod)))
        : Optional.empty();
  }
}
