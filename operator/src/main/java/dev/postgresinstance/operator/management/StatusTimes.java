package dev.postgresinstance.operator.management;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Times that the status of each instance reports, in seconds of Unix time. */
final class StatusTimes {

  private StatusTimes() {}

  /** When the certificates of the servers expire. */
  static Map<ResourceID, Long> certificateExpiry(List<PostgresInstance> instances) {
    return of(
        instances,
        status -> Optional.ofNullable(status.tls()).map(TlsStatus::notAfter).orElse(null));
  }

  /** When a backup was last verified with success. */
  static Map<ResourceID, Long> verification(List<PostgresInstance> instances) {
    return of(
        instances,
        status ->
            Optional.ofNullable(status.backup()).map(BackupStatus::lastVerifiedTime).orElse(null));
  }

  /** Without the instances for which the function returns null. */
  private static Map<ResourceID, Long> of(
      List<PostgresInstance> instances, Function<PostgresInstanceStatus, String> time) {
    Map<ResourceID, Long> times = new HashMap<>();
    instances.forEach(
        instance ->
            Optional.ofNullable(instance.getStatus())
                .map(time)
                .flatMap(StatusTimes::seconds)
                .ifPresent(seconds -> times.put(ResourceID.fromResource(instance), seconds)));
    return times;
  }

  /** Somebody else may have written the status. */
  private static Optional<Long> seconds(String time) {
    try {
      return Optional.of(Instant.parse(time).getEpochSecond());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
