package dev.postgresinstance.operator.sql.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.TestCertificates;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.sql.tls.VerifiedServers.Presented;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifiedServersTest {

  private static final String HOST = "orders.shop.svc";

  private final Instant now = Instant.now();
  private final TestCertificates certificates = TestCertificates.issue(HOST, now);
  private final String authorities = certificates.authorities();
  private final List<String> fingerprints = List.of(certificates.fingerprint(), "between");
  private final Presented presented = new Presented(authorities, HOST, fingerprints);
  private final List<X509Certificate> path = List.copyOf(Pem.certificates(authorities));

  @Test
  void knowsNoServerAtFirst() {
    assertThat(VerifiedServers.contain(presented, now)).isFalse();
  }

  @Test
  void knowsServerAsItWasPresentedOnly() {
    // Given
    String others = TestCertificates.issue(HOST, now).authorities();
    List<String> incomplete = List.of(certificates.fingerprint());

    // When
    VerifiedServers.add(presented, path);

    // Then
    assertThat(List.of(presented, new Presented(authorities, HOST, List.copyOf(fingerprints))))
        .allMatch(same -> VerifiedServers.contain(same, now));
    assertThat(
            List.of(
                new Presented(others, HOST, fingerprints),
                new Presented(authorities, "till.shop.svc", fingerprints),
                new Presented(authorities, HOST, incomplete)))
        .noneMatch(other -> VerifiedServers.contain(other, now));
  }

  @Test
  void knowsNoServerOutsideItsTime() {
    // When
    VerifiedServers.add(presented, path);

    // Then
    Instant start = path.getFirst().getNotBefore().toInstant();
    Instant end = path.getFirst().getNotAfter().toInstant();
    assertThat(VerifiedServers.contain(presented, end.plusSeconds(1))).isFalse();
    assertThat(VerifiedServers.contain(presented, start.minus(Duration.ofDays(1)))).isFalse();
  }
}
