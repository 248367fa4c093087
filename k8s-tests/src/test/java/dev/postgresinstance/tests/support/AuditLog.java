package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the audit log of the API server: who wrote which object, and what the installed operator
 * listed, including refused requests. The log does not contain request bodies.
 */
public final class AuditLog {

  private static final String CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

  /** The current log file and the rotated ones. */
  private static final Pattern FILE = Pattern.compile("href=\"(audit[^\"]*\\.log)\"");

  private static final String LIST = "list";

  private final KubernetesClient client = TestCluster.client();
  private final String folder;

  private AuditLog() {
    Node node =
        client.nodes().withLabel(CONTROL_PLANE).list().getItems().stream()
            .findFirst()
            .orElseThrow();
    // The kubelet serves the files in /var/log of the node.
    folder = "/api/v1/nodes/%s/proxy/logs/kubernetes/".formatted(node.getMetadata().getName());
  }

  /**
   * One request in the audit log.
   *
   * @param resource the plural name, with the subresource: {@code services/status}
   * @param name null if the API server generated the name
   * @param code HTTP status of the response
   */
  public record Request(
      Instant at,
      String user,
      String agent,
      String verb,
      String resource,
      String namespace,
      String name,
      int code) {

    @Override
    public String toString() {
      return "%s %s %s %s/%s: %d".formatted(at, verb, resource, namespace, name, code);
    }
  }

  /** All writes since {@code start}, in the order of the responses. */
  public static List<Request> writesSince(Instant start) {
    return since(start).filter(request -> !request.verb().equals(LIST)).toList();
  }

  /** All list requests of the installed operator since {@code start}. */
  public static List<Request> listsSince(Instant start) {
    return since(start).filter(request -> request.verb().equals(LIST)).toList();
  }

  private static Stream<Request> since(Instant start) {
    return new AuditLog().read().stream().filter(request -> !request.at().isBefore(start));
  }

  private List<Request> read() {
    List<String> files;
    List<Request> requests = new ArrayList<>();
    do { // read again if the log was rotated meanwhile
      requests.clear();
      files = files();
      for (String file : files) {
        text(file).lines().map(this::parse).flatMap(Optional::stream).forEach(requests::add);
      }
    } while (!files.equals(files()));
    return requests;
  }

  /** The log files, oldest first. */
  private List<String> files() {
    List<String> files =
        FILE.matcher(text("")).results().map((MatchResult found) -> found.group(1)).toList();
    if (files.isEmpty()) {
      throw new IllegalStateException("The cluster has no audit log at " + folder);
    }
    return files;
  }

  private String text(String file) {
    return Optional.ofNullable(client.raw(folder + file))
        .orElseThrow(() -> new IllegalStateException("Not found: " + folder + file));
  }

  private Optional<Request> parse(String line) {
    JsonNode event = client.getKubernetesSerialization().unmarshal(line, JsonNode.class);
    JsonNode object = event.path("objectRef");
    if (!"ResponseComplete".equals(event.path("stage").asText())) {
      return Optional.empty();
    }
    String subresource = object.path("subresource").asText("");
    return Optional.of(
        new Request(
            Instant.parse(event.path("requestReceivedTimestamp").asText()),
            event.path("user").path("username").asText(),
            event.path("userAgent").asText(),
            event.path("verb").asText(),
            object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource),
            object.path("namespace").asText(null),
            object.path("name").asText(null),
            event.path("responseStatus").path("code").asInt()));
  }
}
