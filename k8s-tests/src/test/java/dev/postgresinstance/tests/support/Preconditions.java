package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/**
 * By what a request that changes an object says which one it means, and in which state: uid and
 * resource version. One without them does to whatever has that name now what was decided of what
 * had it before.
 */
final class Preconditions {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** An apply with it creates, or fails where an object exists: there is no uid yet. */
  private static final String ONLY_IF_ABSENT = "1";

  private Preconditions() {}

  /** What such a request lacks, if it lacks something. */
  static Optional<String> lacking(Recorder.Request request, String body) {
    if (!request.writes() || changesNoState(request.kind())) {
      return Optional.empty();
    }
    JsonNode said = read(body).path(request.verb().equals("delete") ? "preconditions" : "metadata");
    String version = said.path("resourceVersion").asText();
    if (version.isEmpty()) {
      return Optional.of("resourceVersion");
    }
    return said.path("uid").asText().isEmpty() && !version.equals(ONLY_IF_ABSENT)
        ? Optional.of("uid")
        : Optional.empty();
  }

  /**
   * An event tells of what has been, and nothing follows from it; the lease has a protocol of its
   * own, in the client; a question about one's own rights changes nothing.
   */
  private static boolean changesNoState(String kind) {
    return kind.equals("events") || kind.equals("leases") || kind.startsWith("selfsubject");
  }

  private static JsonNode read(String body) {
    try {
      return body == null ? JSON.createObjectNode() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a request that changes something is no JSON", e);
    }
  }
}
