package dev.postgresinstance.operator.management;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.TlsStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A metric with a value of each instance, which its status contains.
 *
 * @param metric its name, with dots
 * @param description what it says, in a sentence
 * @param value empty for an instance that does not report one
 */
record StatusFigure(
    String metric, String description, Function<PostgresInstanceStatus, Optional<Long>> value) {

  /** All of them. */
  static final List<StatusFigure> ALL =
      List.of(
          new StatusFigure(
              "certificate.expiry.timestamp.seconds",
              "When the certificate expires.",
              status ->
                  Optional.ofNullable(status.tls())
                      .map(TlsStatus::notAfter)
                      .flatMap(StatusFigure::seconds)),
          new StatusFigure(
              "backup.verified.timestamp.seconds",
              "When a verification of a backup succeeded last.",
              status ->
                  Optional.ofNullable(status.backup())
                      .map(BackupStatus::lastVerifiedTime)
                      .flatMap(StatusFigure::seconds)),
          new StatusFigure(
              "backup.stored.bytes",
              "Size of the archive in the store after the last base backup or deletion.",
              status ->
                  Optional.ofNullable(status.backup())
                      .map(BackupStatus::storedSize)
                      .flatMap(StatusFigure::bytes)));

  /** The values, without the instances that do not report one. */
  Map<ResourceID, Long> of(List<PostgresInstance> instances) {
    Map<ResourceID, Long> values = new HashMap<>();
    instances.forEach(
        instance ->
            Optional.ofNullable(instance.getStatus())
                .flatMap(value)
                .ifPresent(figure -> values.put(ResourceID.fromResource(instance), figure)));
    return values;
  }

  // Somebody else may have written the status: that of one instance must not hide the others.

  private static Optional<Long> seconds(String time) {
    try {
      return Optional.of(Instant.parse(time).getEpochSecond());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Long> bytes(Quantity size) {
    try {
      return Optional.of(size.getNumericalAmount().longValue());
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Optional.empty();
    }
  }
}
