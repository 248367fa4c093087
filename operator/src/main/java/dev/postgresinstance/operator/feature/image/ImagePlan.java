package dev.postgresinstance.operator.feature.image;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.LastTermination;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.StartScriptRefusal;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Which image the next pod has: the one asked for, unless that one turned out not to work. Then it
 * is the last one with which a server took logins, so that a wrong image costs no availability.
 *
 * @param image reference of the image
 * @param asked the image that is asked for
 * @param refused that it does not work, and why
 */
public record ImagePlan(String image, String asked, Optional<RememberedRefusal> refused) {

  /** How a kubelet calls it when it cannot have an image. */
  public static final Set<String> UNAVAILABLE =
      Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull");

  /** So long may a node take to have an image that others wait for. */
  private static final Duration PULL = Duration.ofSeconds(60);

  /**
   * The first server that ends may have ended by its configuration, of which the second has the
   * last that worked.
   */
  private static final int ENDS = 2;

  /**
   * The plan after what is seen of the pod.
   *
   * @param record tells the last image with which a server took logins
   */
  public static ImagePlan of(
      Snapshot snapshot, PostgresImages images, Optional<DataRecord> record, Instant now) {
    String asked = asked(snapshot.instance().getSpec(), images);
    Optional<String> worked = record.map(DataRecord::image).filter(image -> !image.isEmpty());
    String key = RememberedRefusal.key(snapshot, asked);
    Optional<RememberedRefusal> refused =
        worked
            .filter(image -> !image.equals(asked))
            .flatMap(
                other ->
                    RememberedRefusal.in(snapshot.statefulSet(), Labels.REFUSED_IMAGE, key)
                        .or(
                            () ->
                                failure(snapshot, asked, now)
                                    .map(w -> new RememberedRefusal(key, w))));
    return new ImagePlan(refused.isPresent() ? worked.get() : asked, asked, refused);
  }

  /** The image that a pod was made with. */
  public static String of(Pod pod) {
    return pod.getSpec().getContainers().getFirst().getImage();
  }

  private static String asked(PostgresInstanceSpec spec, PostgresImages images) {
    return Optional.ofNullable(spec.image()).orElseGet(() -> images.of(spec.version()));
  }

  private static Optional<String> failure(Snapshot snapshot, String asked, Instant now) {
    return snapshot
        .pod()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null && of(pod).equals(asked))
        .flatMap(
            pod ->
                pod.getStatus().getContainerStatuses().stream()
                    .findFirst()
                    .flatMap(status -> failure(pod, status, now)));
  }

  private static Optional<String> failure(Pod pod, ContainerStatus status, Instant now) {
    Optional<ContainerStateWaiting> waiting =
        Optional.ofNullable(status.getState()).map(ContainerState::getWaiting);
    return waiting
        .filter(state -> isPulling(pod, state))
        .filter(state -> !waitsSince(pod).plus(PULL).isAfter(now))
        .map(
            state ->
                "it could not be pulled in %d seconds: %s"
                    .formatted(
                        PULL.toSeconds(),
                        Optional.ofNullable(state.getMessage()).orElse("it still is")))
        .or(
            () ->
                LastTermination.ended(pod)
                    .flatMap(ended -> misfit(ended, status.getRestartCount())));
  }

  /** Not while it waits for its volume, which no other image would have sooner. */
  private static boolean isPulling(Pod pod, ContainerStateWaiting waiting) {
    return UNAVAILABLE.contains(waiting.getReason())
        || ("ContainerCreating".equals(waiting.getReason())
            && PodState.trueSince(pod, "PodReadyToStartContainers").isPresent());
  }

  private static Instant waitsSince(Pod pod) {
    return PodState.trueSince(pod, "PodReadyToStartContainers")
        .or(() -> PodState.trueSince(pod, "PodScheduled"))
        .orElse(Instant.MAX.minus(PULL));
  }

  private static Optional<String> misfit(ContainerStateTerminated ended, int ends) {
    Optional<StartScriptRefusal> refusal = StartScriptRefusal.of(ended);
    if (refusal.isPresent()) {
      return refusal
          .filter(r -> r.reason() == Reason.IMAGE_DOES_NOT_FIT)
          .map(r -> LastTermination.brief(r.words()));
    }
    if ("StartError".equals(ended.getReason())) {
      return Optional.of(LastTermination.brief("its programs do not start: " + ended.getMessage()));
    }
    return ends >= ENDS && !LastTermination.diskFull(ended) && !LastTermination.outOfMemory(ended)
        ? Optional.of(
            "the server does not start with it: " + LastTermination.of(Optional.of(ended)))
        : Optional.empty();
  }
}
