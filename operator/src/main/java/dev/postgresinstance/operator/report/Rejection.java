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

  /** Whether a field of the StatefulSet differs that cannot be updated. */
  public boolean isImmutableStatefulSet() {
    return code == UNPROCESSABLE && message.contains("updates to statefulset spec");
  }

  /** Whether a quota of the namespace is exceeded. Every quota is answered with this sentence. */
  public static boolean isQuota(String message) {
    return message.contains("exceeded quota");
  }

  /** Whether the object is invalid or not allowed, and not for want of a permission. */
  public boolean isRefusedContent() {
    return (code == FORBIDDEN || code == UNPROCESSABLE) && Permission.missing(message).isEmpty();
  }
}
