package dev.postgresinstance.operator.instance.termination;

import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Names;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Why the server in a pod ended last, as the kubelet and PostgreSQL report it. */
public final class LastTermination {

  /** What to do when the server needs more memory than its limit; without the final period. */
  public static final String MEMORY_REMEDY =
      "Raise the limit, or lower shared_buffers, work_mem or max_connections in spec.parameters";

  private static final int MAX_LENGTH = 500;

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
        .flatMap(
            ended ->
                StartScriptRefusal.of(ended)
                    .map(StartScriptRefusal::message)
                    .or(() -> message(ended)))
        .orElseGet(() -> pod.map(LastTermination::logCommand).orElse("no pod is left to ask"));
  }

  private static String logCommand(Pod pod) {
    return "kubectl logs -n %s %s -c %s --previous may show why"
        .formatted(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), Names.CONTAINER);
  }

  /**
   * The last FATAL or PANIC message of PostgreSQL that is not for a client, or what it has rejected
   * in its configuration file; empty when it ended without one.
   */
  public static Optional<String> message(ContainerStateTerminated termination) {
    List<LogLine> lines =
        Optional.ofNullable(termination.getMessage()).stream()
            .flatMap(String::lines)
            .flatMap(line -> LogLine.of(line).stream())
            .toList();
    return lines.stream()
        .filter(LogLine::isEnd)
        .reduce((first, last) -> last)
        .map(
            last ->
                Optional.of(last)
                    .filter(LogLine::isRejectedFile)
                    .flatMap(rejected -> objections(lines))
                    .orElse(last.toString()))
        .map(LastTermination::shorten);
  }

  /** A server reads its file first, so all that it has logged before is about the file. */
  private static Optional<String> objections(List<LogLine> lines) {
    return Optional.of(
            lines.stream()
                .takeWhile(line -> !line.isRejectedFile())
                .map(LogLine::objection)
                .collect(Collectors.joining()))
        .filter(text -> text.startsWith("; "))
        .map(text -> text.substring(2));
  }

  /** Returns at most the first {@value #MAX_LENGTH} characters of a message. */
  public static String shorten(String message) {
    return Text.truncate(message, MAX_LENGTH);
  }
}
