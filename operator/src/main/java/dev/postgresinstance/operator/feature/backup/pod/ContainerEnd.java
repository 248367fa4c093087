package dev.postgresinstance.operator.feature.backup.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postgresinstance.operator.archive.ArchiveSize;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a container of a helper pod ended, and what it has left as its termination message: a line of
 * JSON from a program, or the last lines of a log.
 *
 * @param container its name
 * @param state the end as the kubelet reports it
 */
public record ContainerEnd(String container, ContainerStateTerminated state) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The containers of a pod that have ended, in the order of their names. */
  static Stream<ContainerEnd> of(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream().flatMap(ContainerEnd::of);
  }

  private static Stream<ContainerEnd> of(ContainerStatus status) {
    return Optional.ofNullable(status.getState())
        .map(ContainerState::getTerminated)
        .map(end -> new ContainerEnd(status.getName(), end))
        .stream();
  }

  /** Whether the container has done what it should do. */
  public boolean succeeded() {
    return Objects.equals(state.getExitCode(), 0);
  }

  /** When it ended. */
  public Optional<Instant> time() {
    return Optional.ofNullable(state.getFinishedAt()).map(Instant::parse);
  }

  /** The result of a program; empty if the container has left none. */
  public Optional<JsonNode> result() {
    return lastLine().filter(line -> line.startsWith("{")).flatMap(ContainerEnd::parsed);
  }

  private static Optional<JsonNode> parsed(String line) {
    try {
      return Optional.of(JSON.readTree(line));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Bytes of the whole archive, if the result of a program contains them. */
  public static Optional<Long> archiveSize(JsonNode result) {
    return Optional.of(result.path(ArchiveSize.FIELD).asLong(-1)).filter(bytes -> bytes >= 0);
  }

  /** Whether it was killed because it used more memory than its limit. */
  boolean isOutOfMemory() {
    return LastTermination.isOutOfMemory(state);
  }

  /** What a failed program says about its failure. */
  Optional<String> message() {
    return result()
        .map(json -> json.path("message").asText())
        .filter(text -> !text.isBlank())
        .map(LastTermination::shorten);
  }

  /** The last line that the container has left; empty if there is none. */
  Optional<String> lastLine() {
    return Optional.ofNullable(state.getMessage()).stream()
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .reduce((first, last) -> last);
  }
}
