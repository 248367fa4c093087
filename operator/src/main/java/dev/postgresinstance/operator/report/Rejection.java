package dev.postgresinstance.operator.report;

/**
 * The answer of the API server to a request that it does not accept.
 *
 * @param code HTTP status
 * @param message of the API server
 */
public record Rejection(int code, String message) {

  private static final int FORBIDDEN = 403;
  private static final int UNPROCESSABLE = 422;

  /** Whether the Service cannot have the node port: taken, or outside the cluster's range. */
  public boolean isNodePortUnavailable() {
    return code == UNPROCESSABLE && message.contains("nodePort");
  }

  /** Whether an immutable field of the StatefulSet was changed. */
  public boolean isImmutableStatefulSet() {
    return code == UNPROCESSABLE && message.contains("updates to statefulset spec");
  }

  /**
   * Whether a quota of the namespace is exceeded.
   *
   * @param message message of the API server, or of an Event that quotes it
   */
  public static boolean isQuota(String message) {
    return message.contains("exceeded quota");
  }

  /** Whether the content of the object was rejected, rather than a permission missing. */
  public boolean isRefusedContent() {
    return (code == FORBIDDEN || code == UNPROCESSABLE) && Permission.missing(message).isEmpty();
  }
}
