package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import java.util.Optional;
import java.util.Set;

/**
 * Why a container waits, as the kubelet reports it ({@code pkg/kubelet/images}, {@code container}).
 */
public final class WaitingReason {

  private static final Set<String> IMAGE_UNAVAILABLE =
      Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull");

  private static final String CREATING = "ContainerCreating";

  private static final String INITIALIZING = "PodInitializing";

  private WaitingReason() {}

  /** Whether the node cannot get the image. */
  public static boolean isImageUnavailable(ContainerStateWaiting waiting) {
    return IMAGE_UNAVAILABLE.contains(of(waiting));
  }

  /** Whether the kubelet is creating the container, which includes mounts and the first pull. */
  public static boolean isCreating(ContainerStateWaiting waiting) {
    return CREATING.equals(waiting.getReason());
  }

  /** Whether the container waits for the init containers, none of which is the operator's. */
  public static boolean isInitializing(ContainerStateWaiting waiting) {
    return INITIALIZING.equals(waiting.getReason());
  }

  /** Whether the kubelet failed to create or run the container. */
  public static boolean isError(ContainerStateWaiting waiting) {
    return of(waiting).endsWith("Error");
  }

  private static String of(ContainerStateWaiting waiting) {
    return Optional.ofNullable(waiting.getReason()).orElse("");
  }

  /** The kubelet's message; its reason if it gives no message. */
  public static String message(ContainerStateWaiting waiting) {
    return Optional.ofNullable(waiting.getMessage()).orElseGet(() -> of(waiting));
  }
}
