package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/**
 * A line of an operator's log in JSON.
 *
 * @param namespace of the instance that it is about; empty where it is about none
 * @param name of the same
 */
public record LogLine(String message, String namespace, String name) {

  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  /** All of a log; fails where one is no object. */
  public static List<LogLine> all(String log) {
    return log.lines().map(LogLine::parse).toList();
  }

  private static LogLine parse(String line) {
    JsonNode object = JSON.unmarshal(line, JsonNode.class);
    if (!object.path("formattedMessage").isTextual()) {
      throw new AssertionError("no line of a log in JSON: " + line);
    }
    return new LogLine(
        object.path("formattedMessage").asText(),
        object.at("/mdc/namespace").asText(),
        object.at("/mdc/name").asText());
  }

  /** Whether it is marked as being about that instance. */
  public boolean isAbout(Instance instance) {
    return namespace.equals(instance.namespace()) && name.equals(instance.name());
  }
}
