package dev.postgresinstance.operator.report;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.KubectlCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/** Problems that arise when the API server rejects a request that the operator needs. */
public final class ApiProblems {

  private static final String REMEDY =
      "Re-apply the Role or ClusterRole from the operator's chart.";

  private ApiProblems() {}

  /**
   * The problem behind a rejected request.
   *
   * @param message of the API server
   */
  public static Problem of(String message) {
    return of(Permission.missing(message), "The API server rejected the request", message);
  }

  /**
   * The problem that the API server rejects a child of an instance.
   *
   * @param child the child as it should be
   */
  public static Problem rejected(
      PostgresInstance instance, HasMetadata child, Rejection rejection) {
    String object = "%s %s".formatted(child.getKind(), child.getMetadata().getName());
    return rejection.isImmutableObject()
        ? new Problem(
            Reason.OBJECT_IMMUTABLE,
            "%s is immutable, and the operator has to change it. This replaces it by one that can be changed%s: %s"
                .formatted(
                    object,
                    KubectlCommand.isReadOnce(instance, child)
                        ? ", and restarts the server, because the kubelet does not read an object again that was immutable"
                        : ", with the same content",
                    KubectlCommand.replaceImmutable(instance, child)))
        : of(rejection.missing(), "The API server rejects " + object, rejection.message());
  }

  private static Problem of(Optional<Permission> missing, String what, String message) {
    return missing
        .map(permission -> missing(permission, message))
        .orElseGet(
            () ->
                Rejection.isQuota(message)
                    ? new Problem(
                        Reason.QUOTA_EXCEEDED,
                        "A quota of the namespace is exceeded: %s. Raise the quota, or delete objects that are not needed."
                            .formatted(message))
                    : new Problem(Reason.API_ERROR, what + ": " + message));
  }

  /**
   * The problem that a permission is missing.
   *
   * @param message of the API server
   */
  public static Problem missing(Permission permission, String message) {
    return new Problem(
        Reason.MISSING_RIGHT,
        "The operator lacks permission to %s. %s Message of the API server: %s"
            .formatted(permission, REMEDY, message));
  }

  /** The problem that permissions are missing without which the caches are not updated. */
  public static Problem notWatching(Collection<Permission> permissions) {
    return new Problem(
        Reason.MISSING_RIGHT,
        "The operator lacks permission to %s, so it does not see changes and changes nothing; the server keeps running. %s"
            .formatted(
                permissions.stream()
                    .map(Permission::toString)
                    .sorted()
                    .collect(Collectors.joining(", ")),
                REMEDY));
  }
}
