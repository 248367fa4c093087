package dev.postgresinstance.operator.report;

import java.util.Optional;

/**
 * The answer of the API server to a request that it does not accept.
 *
 * @param code HTTP status
 * @param message of the API server
 * @param missing the permission that the operator lacks; empty where that is not the cause
 */
public record Rejection(int code, String message, Optional<Permission> missing) {

  private static final int FORBIDDEN = 403;
  private static final int UNPROCESSABLE = 422;

  /** An answer whose message names the missing permission, if one is missing. */
  public Rejection(int code, String message) {
    this(code, message, Permission.missing(message));
  }

  /** The same answer, because of a missing permission that its message does not name. */
  public Rejection because(Permission permission) {
    return new Rejection(code, message, Optional.of(permission));
  }

  /** Whether the Service cannot have the node port: taken, or outside the cluster's range. */
  public boolean isNodePortUnavailable() {
    return code == UNPROCESSABLE && message.contains("nodePort");
  }

  /** Whether an immutable field of the StatefulSet was changed. */
  public boolean isImmutableStatefulSet() {
    return code == UNPROCESSABLE && message.contains("updates to statefulset spec");
  }

  /** Whether the object is a Secret or ConfigMap with {@code immutable: true}. */
  public boolean isImmutableObject() {
    return code == UNPROCESSABLE && message.contains("field is immutable when `immutable` is set");
  }

  /**
   * Whether a quota of the namespace is exceeded.
   *
   * @param message message of the API server, or of an Event that quotes it
   */
  public static boolean isQuota(String message) {
    return message.contains("exceeded quota");
  }

  /**
   * Whether an admission webhook did not answer, which a retry does not change.
   *
   * @param message of the API server
   */
  public static boolean isWebhookFailure(String message) {
    return message.contains("failed calling webhook");
  }

  /** Whether the content of the object was rejected, rather than a permission missing. */
  public boolean isRefusedContent() {
    return (code == FORBIDDEN || code == UNPROCESSABLE) && missing.isEmpty();
  }
}
