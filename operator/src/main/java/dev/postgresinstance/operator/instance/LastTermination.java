package dev.postgresinstance.operator.instance;

import dev.postgresinstance.operator.common.Text;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import java.util.regex.Pattern;

/** Why the server in a pod ended last, as the kubelet and PostgreSQL report it. */
public final class LastTermination {

  private static final int MAX_LENGTH = 500;

  /**
   * PostgreSQL's last FATAL or PANIC message of its own. Messages to a client are left out: their
   * prefix names a user, and each rejected client causes one. Before PostgreSQL can log, its
   * messages begin with the name of the program.
   */
  private static final Pattern MESSAGE =
      Pattern.compile("(?m)^(?:\\S+ \\S+ \\S+ \\[\\d+\\] ((?:FATAL|PANIC): .*)|postgres: (.*))$");

  /** Message of the operating system for ENOSPC. */
  private static final String NO_SPACE = "No space left on device";

  /** Reason that the kubelet gives a container that the kernel killed for its memory. */
  private static final String OOM_KILLED = "OOMKilled";

  /** Reason that the kubelet gives a container whose program could not be started. */
  private static final String START_ERROR = "StartError";

  private LastTermination() {}

  /** Whether the server ended because the volume was full. */
  public static boolean isDiskFull(ContainerStateTerminated termination) {
    return Optional.ofNullable(termination.getMessage()).orElse("").contains(NO_SPACE);
  }

  /** Whether the server was killed because it used more memory than its limit. */
  public static boolean isOutOfMemory(ContainerStateTerminated termination) {
    return OOM_KILLED.equals(termination.getReason());
  }

  /** Whether the container's program could not be started. */
  public static boolean isStartError(ContainerStateTerminated termination) {
    return START_ERROR.equals(termination.getReason());
  }

  /** Why the server in a pod ended, as a clause for a message. */
  public static String describe(Optional<Pod> pod) {
    Optional<ContainerStateTerminated> termination =
        pod.flatMap(DatabaseContainer::lastTermination);
    if (termination.filter(LastTermination::isOutOfMemory).isPresent()) {
      return "it was killed for using more memory than spec.resources.limits.memory allows";
    }
    return termination
        .flatMap(LastTermination::message)
        .orElseGet(() -> pod.map(LastTermination::logCommand).orElse("no pod is left to ask"));
  }

  private static String logCommand(Pod pod) {
    return "kubectl logs -n %s %s -c %s --previous may show why"
        .formatted(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), Names.CONTAINER);
  }

  /** The last message of PostgreSQL; empty when it ended without one. */
  public static Optional<String> message(ContainerStateTerminated termination) {
    return Optional.ofNullable(termination.getMessage())
        .map(MESSAGE::matcher)
        .flatMap(matcher -> matcher.results().reduce((first, last) -> last))
        .map(last -> Optional.ofNullable(last.group(1)).orElse(last.group(2)))
        .map(LastTermination::shorten);
  }

  /** Returns at most the first {@value #MAX_LENGTH} characters of a message. */
  public static String shorten(String message) {
    return Text.truncate(message, MAX_LENGTH);
  }
}
