package dev.postgresinstance.operator.management;

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

/** When the certificates of the servers expire, as the status of each instance reports it. */
final class CertificateExpiry {

  private CertificateExpiry() {}

  /** The Unix time, in seconds, for each instance that has a certificate. */
  static Map<ResourceID, Long> of(List<PostgresInstance> instances) {
    Map<ResourceID, Long> times = new HashMap<>();
    instances.forEach(
        instance ->
            Optional.ofNullable(instance.getStatus())
                .map(PostgresInstanceStatus::tls)
                .map(TlsStatus::notAfter)
                .flatMap(CertificateExpiry::seconds)
                .ifPresent(time -> times.put(ResourceID.fromResource(instance), time)));
    return times;
  }

  /** Somebody else may have written the status. */
  private static Optional<Long> seconds(String notAfter) {
    try {
      return Optional.of(Instant.parse(notAfter).getEpochSecond());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
