package dev.postgresinstance.operator.feature.roles.ownership;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the operator records with a role in the database, as the last line of its comment: which
 * PostgresRole it belongs to, and what becomes of it without that. The record travels with the data
 * through restores, and it is there when the PostgresRole is gone.
 *
 * @param uid uid of the PostgresRole
 * @param resource its name
 * @param instance id of the instance's data
 * @param drop whether the role is dropped when the PostgresRole is gone
 * @param accepted whether the role existed before: what the spec omits stays as it is
 * @param applied fingerprint of the request that was last set without an error; empty for none
 * @param parameters names of the parameters that the operator has set, in lower case
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RoleMarker(
    String uid,
    String resource,
    String instance,
    boolean drop,
    boolean accepted,
    String applied,
    List<String> parameters) {

  /** Also in the query that looks for markers. */
  public static final String PREFIX = "postgresinstance.dev/role ";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The form of names in Kubernetes. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9][-a-z0-9.]{0,252}");

  public RoleMarker {
    parameters = parameters == null ? List.of() : List.copyOf(parameters);
  }

  /** The marker in a comment; empty where there is none. */
  public static Optional<RoleMarker> in(String comment) {
    int start = start(comment);
    if (start < 0) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(
              JSON.readValue(comment.substring(start + PREFIX.length()), RoleMarker.class))
          .filter(marker -> marker.uid() != null && marker.instance() != null)
          .filter(marker -> isName(marker.resource()));
    } catch (JsonProcessingException | IllegalArgumentException e) { // somebody has changed it
      return Optional.empty();
    }
  }

  /** Somebody may have changed it, and the API server is asked for it. */
  private static boolean isName(String resource) {
    return resource != null && NAME.matcher(resource).matches();
  }

  /** Another comment that keeps its text, and has this marker as its last line. */
  public String inComment(Optional<String> comment) {
    String text = comment.map(RoleMarker::textOf).orElse("");
    try {
      return (text.isEmpty() ? "" : text + "\n") + PREFIX + JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Every marker can be written", e);
    }
  }

  private static String textOf(String comment) {
    int start = start(comment);
    return (start < 0 ? comment : comment.substring(0, start)).stripTrailing();
  }

  private static int start(String comment) {
    int line = comment.lastIndexOf('\n') + 1;
    return comment.startsWith(PREFIX, line) ? line : -1;
  }
}
