package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.report.Permission;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a failed request to the API server means. */
public final class ApiErrors {

  /** HTTP status with which an immediate retry would be answered again. */
  private static final Set<Integer> PERMANENT = Set.of(400, 403, 404, 405, 413, 422);

  /** Cause of a rejection, see {@code NamespaceTerminatingCause} of Kubernetes. */
  private static final String TERMINATING = "NamespaceTerminating";

  private static final String RECEIVED_STATUS = "Received status: ";

  private ApiErrors() {}

  /** Whether the API server would answer an immediate retry with the same error. */
  public static boolean isPermanent(KubernetesClientException e) {
    return PERMANENT.contains(e.getCode())
        || (e.getCode() == HttpURLConnection.HTTP_INTERNAL_ERROR
            && Rejection.isWebhookFailure(message(e)));
  }

  /** The message of the API server, without what the client adds to it. */
  public static String message(KubernetesClientException e) {
    return Optional.ofNullable(e.getStatus())
        .map(Status::getMessage)
        .or(() -> Optional.ofNullable(e.getCause()).map(Throwable::toString))
        .or(() -> Optional.ofNullable(e.getMessage()).map(ApiErrors::withoutStatus))
        .orElseGet(() -> "HTTP " + e.getCode());
  }

  /** The client appends the whole object that the API server has sent. */
  private static String withoutStatus(String message) {
    return message.split(RECEIVED_STATUS, 2)[0].strip();
  }

  /** Whether the object cannot be written because its namespace is deleted, or about to be. */
  public static boolean isNamespaceDeleted(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
        || (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN && isTerminating(e.getStatus()));
  }

  private static boolean isTerminating(Status status) {
    return Optional.ofNullable(status)
        .map(Status::getDetails)
        .map(StatusDetails::getCauses)
        .orElse(List.of())
        .stream()
        .anyMatch(cause -> TERMINATING.equals(cause.getReason()));
  }

  /** Why a request failed, for a log line: the missing permission, or the message. */
  public static String describe(KubernetesClientException e) {
    String message = message(e);
    return Permission.missing(message)
        .map(permission -> "the operator lacks permission to " + permission)
        .orElse(message);
  }

  /** The answer of the API server, without the types of the client. */
  public static Rejection rejection(KubernetesClientException e) {
    return new Rejection(e.getCode(), message(e));
  }
}
