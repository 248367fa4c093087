package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import java.util.regex.Pattern;

/** Why the server that ran last in a pod has ended. */
public final class LastTermination {

  private static final int LENGTH = 500;

  /**
   * A server's own last words, without those to a client, whose prefix names a user: each client
   * that is refused has a FATAL. Before it logs, it begins with the name of the program.
   */
  private static final Pattern LINE =
      Pattern.compile("(?m)^(?:\\S+ \\S+ \\S+ \\[\\d+\\] ((?:FATAL|PANIC): .*)|postgres: (.*))$");

  /** The operating system's words for ENOSPC. */
  private static final String NO_SPACE = "No space left on device";

  private LastTermination() {}

  /** Whether it ended because the volume is full. */
  public static boolean diskFull(ContainerStateTerminated ended) {
    return Optional.ofNullable(ended.getMessage()).orElse("").contains(NO_SPACE);
  }

  /** Whether it was killed because it used more memory than it may. */
  public static boolean outOfMemory(ContainerStateTerminated ended) {
    return "OOMKilled".equals(ended.getReason());
  }

  /** The end of the container before the present one, or of the present one. */
  public static Optional<ContainerStateTerminated> ended(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .findFirst()
        .flatMap(
            status -> terminated(status.getState()).or(() -> terminated(status.getLastState())));
  }

  /** Why it ended, for people. */
  public static String of(Optional<ContainerStateTerminated> ended) {
    return ended.filter(LastTermination::outOfMemory).isPresent()
        ? "it was killed for using more memory than spec.resources.limits.memory allows"
        : ended.flatMap(LastTermination::said).orElse("kubectl logs --previous may tell why");
  }

  /** What PostgreSQL said last; empty when it ended without a word. */
  public static Optional<String> said(ContainerStateTerminated ended) {
    return Optional.ofNullable(ended.getMessage())
        .map(LINE::matcher)
        .flatMap(matcher -> matcher.results().reduce((first, last) -> last))
        .map(last -> Optional.ofNullable(last.group(1)).orElse(last.group(2)))
        .map(LastTermination::brief);
  }

  /** At most so much as a status is read for. */
  public static String brief(String words) {
    return words.length() <= LENGTH ? words : words.substring(0, LENGTH);
  }

  private static Optional<ContainerStateTerminated> terminated(ContainerState state) {
    return Optional.ofNullable(state).map(ContainerState::getTerminated);
  }
}
