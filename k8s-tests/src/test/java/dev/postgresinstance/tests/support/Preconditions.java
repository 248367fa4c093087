package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;

/**
 * Checks that a request that changes an object names its uid and resource version. Without these
 * preconditions, a request based on an old read would change whatever object has that name now.
 */
final class Preconditions {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * An apply with this resource version creates the object or fails if it exists; there is no uid
   * yet.
   */
  private static final String ONLY_IF_ABSENT = "1";

  private Preconditions() {}

  /** The missing precondition of a request, if any. */
  static Optional<String> missing(Recorder.Request request, String body) {
    if (!request.writes() || changesNoState(request.kind())) {
      return Optional.empty();
    }
    JsonNode given =
        read(body).path(request.verb().equals("delete") ? "preconditions" : "metadata");
    if (request.verb().equals("create")) { // fails if there is an object of this name
      return given.path("name").asText().isEmpty() ? Optional.of("name") : Optional.empty();
    }
    String version = given.path("resourceVersion").asText();
    if (version.isEmpty()) {
      return Optional.of("resourceVersion");
    }
    return given.path("uid").asText().isEmpty() && !version.equals(ONLY_IF_ABSENT)
        ? Optional.of("uid")
        : Optional.empty();
  }

  /**
   * Events report the past and nothing depends on them; leases have their own protocol in the
   * client; a self-subject review changes nothing.
   */
  private static boolean changesNoState(String kind) {
    return kind.equals("events") || kind.equals("leases") || kind.startsWith("selfsubject");
  }

  private static JsonNode read(String body) {
    try {
      return body == null ? JSON.createObjectNode() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the body of a changing request is not JSON", e);
    }
  }
}
