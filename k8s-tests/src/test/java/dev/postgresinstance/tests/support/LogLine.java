package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/**
 * A line of the operator's log in JSON format.
 *
 * @param namespace namespace of the instance that the line is about; empty if it is not about an
 *     instance
 * @param name name of that instance; empty if the line is not about an instance
 */
public record LogLine(String message, String namespace, String name) {

  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  /** Parses all lines of a log; fails if a line is not a JSON object. */
  public static List<LogLine> all(String log) {
    return log.lines().map(LogLine::parse).toList();
  }

  private static LogLine parse(String line) {
    JsonNode object = JSON.unmarshal(line, JsonNode.class);
    if (!object.path("formattedMessage").isTextual()) {
      throw new AssertionError("not a log line in JSON: " + line);
    }
    return new LogLine(
        object.path("formattedMessage").asText(),
        object.at("/mdc/namespace").asText(),
        object.at("/mdc/name").asText());
  }

  /** Whether the line is about the given instance. */
  public boolean isAbout(Instance instance) {
    return namespace.equals(instance.namespace()) && name.equals(instance.name());
  }
}
