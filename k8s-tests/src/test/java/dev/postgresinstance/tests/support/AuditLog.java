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
 * Who has written which object, and what the installed operator has listed, as the API server of
 * the tests' cluster has noted it, refused requests included. Of what was written the log has
 * nothing.
 */
public final class AuditLog {

  private static final String CONTROL_PLANE = "node-role.kubernetes.io/control-plane";

  /** The one that grows, and the older ones. */
  private static final Pattern FILE = Pattern.compile("href=\"(audit[^\"]*\\.log)\"");

  private static final String LIST = "list";

  private final KubernetesClient client = TestCluster.client();
  private final String folder;

  private AuditLog() {
    Node node =
        client.nodes().withLabel(CONTROL_PLANE).list().getItems().stream()
            .findFirst()
            .orElseThrow();
    // The kubelet hands out what lies in the node's /var/log.
    folder = "/api/v1/nodes/%s/proxy/logs/kubernetes/".formatted(node.getMetadata().getName());
  }

  /**
   * One request.
   *
   * @param resource the plural, with the subresource: {@code services/status}
   * @param name null where the API server was to choose one
   * @param code HTTP status of the answer
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

  /** All writes from then on, in the order in which the API server answered. */
  public static List<Request> writesSince(Instant start) {
    return since(start).filter(request -> !request.verb().equals(LIST)).toList();
  }

  /** All lists of the installed operator from then on. */
  public static List<Request> listsSince(Instant start) {
    return since(start).filter(request -> request.verb().equals(LIST)).toList();
  }

  private static Stream<Request> since(Instant start) {
    return new AuditLog().read().stream().filter(request -> !request.at().isBefore(start));
  }

  private List<Request> read() {
    List<String> files;
    List<Request> requests = new ArrayList<>();
    do { // again, when a new file was begun meanwhile
      requests.clear();
      files = files();
      for (String file : files) {
        text(file).lines().map(this::parse).flatMap(Optional::stream).forEach(requests::add);
      }
    } while (!files.equals(files()));
    return requests;
  }

  /** The oldest first. */
  private List<String> files() {
    List<String> files =
        FILE.matcher(text("")).results().map((MatchResult found) -> found.group(1)).toList();
    if (files.isEmpty()) {
      throw new IllegalStateException("The cluster keeps no audit log at " + folder);
    }
    return files;
  }

  private String text(String file) {
    return Optional.ofNullable(client.raw(folder + file))
        .orElseThrow(() -> new IllegalStateException("There is nothing at " + folder + file));
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
