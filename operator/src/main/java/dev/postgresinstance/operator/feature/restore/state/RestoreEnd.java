package dev.postgresinstance.operator.feature.restore.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the pod of a restore ended. Each container leaves one line of JSON as its termination
 * message.
 */
public final class RestoreEnd {

  /** The reason of a container that has ended only because the other one has. */
  private static final String INTERRUPTED = "RestoreInterrupted";

  private static final ObjectMapper JSON = new ObjectMapper();

  private RestoreEnd() {}

  /** A sentence about a failure; the lower the rank, the nearer to the cause. */
  private record Failure(int rank, String message) {}

  /** What a successful pod has reached, as "0/5000148 (2026-11-28T09:15:00Z)". */
  public static Optional<String> reached(Pod pod) {
    return result(pod)
        .map(
            result ->
                "%s (%s)"
                    .formatted(
                        LastTermination.shorten(result.path("reachedLsn").asText()),
                        LastTermination.shorten(result.path("reachedTime").asText())));
  }

  /** The system identifier of the data that a successful pod has restored. */
  public static Optional<String> systemIdentifier(Pod pod) {
    return result(pod)
        .map(result -> result.path("systemIdentifier").asText())
        .filter(identifier -> identifier.matches("\\d{1,20}"));
  }

  private static Optional<JsonNode> result(Pod pod) {
    return terminations(pod)
        .filter(container -> container.end().getExitCode() == 0)
        .map(container -> json(container.end()))
        .filter(result -> result.hasNonNull("reachedLsn"))
        .findFirst();
  }

  /** Why a pod failed, in complete sentences. */
  public static String failure(Pod pod) {
    return terminations(pod)
        .filter(container -> container.end().getExitCode() != 0)
        .map(container -> failure(pod, container))
        .min(Comparator.comparingInt(Failure::rank))
        .map(Failure::message)
        .or(() -> Optional.ofNullable(pod.getStatus()).map(PodStatus::getMessage))
        .orElse("Its pod ended without a message.");
  }

  private static Failure failure(Pod pod, Termination container) {
    ContainerStateTerminated end = container.end();
    JsonNode result = json(end);
    if (result.hasNonNull("message")) {
      return new Failure(
          INTERRUPTED.equals(result.path("reason").asText()) ? 2 : 0,
          LastTermination.shorten(result.path("message").asText()));
    }
    if (LastTermination.isOutOfMemory(end)) {
      return new Failure(
          1,
          container.name().equals(Names.CONTAINER)
              ? "The recovery used more memory than spec.resources.limits.memory allows. Raise the limit."
              : "Container %s used more memory than its limit allows.".formatted(container.name()));
    }
    String message = Objects.requireNonNullElse(end.getMessage(), "").strip();
    return message.isEmpty()
        ? new Failure(
            3,
            "Container %s ended with exit code %d; its log may show why: %s"
                .formatted(
                    container.name(),
                    end.getExitCode(),
                    KubectlCommand.logs(pod, container.name())))
        : new Failure(
            1,
            "Container %s ended: %s."
                .formatted(container.name(), LastTermination.shorten(message)));
  }

  private record Termination(String name, ContainerStateTerminated end) {}

  private static Stream<Termination> terminations(Pod pod) {
    return Stream.ofNullable(pod.getStatus())
        .flatMap(status -> status.getContainerStatuses().stream())
        .flatMap(RestoreEnd::termination);
  }

  private static Stream<Termination> termination(ContainerStatus status) {
    return Stream.ofNullable(status.getState())
        .map(ContainerState::getTerminated)
        .filter(Objects::nonNull)
        .map(end -> new Termination(status.getName(), end));
  }

  private static JsonNode json(ContainerStateTerminated end) {
    try {
      return Optional.ofNullable(JSON.readTree(Objects.requireNonNullElse(end.getMessage(), "")))
          .orElse(MissingNode.getInstance());
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
