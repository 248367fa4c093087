package dev.postgresinstance.operator.sql.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.TestCertificates;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.junit.jupiter.api.Test;

class ValidChainsTest {

  private final Instant now = Instant.now();

  private final String authorities = TestCertificates.issue("orders.shop.svc", now).authorities();
  private final X509Certificate[] chain =
      Pem.certificates(authorities).toArray(X509Certificate[]::new);

  @Test
  void knowsNoChainAtFirst() throws GeneralSecurityException {
    assertThat(ValidChains.contain(authorities, chain, Date.from(now))).isFalse();
  }

  @Test
  void knowsChainForItsAuthoritiesOnly() throws GeneralSecurityException {
    // Given
    String others = TestCertificates.issue("orders.shop.svc", now).authorities();

    // When
    ValidChains.add(authorities, chain);

    // Then
    assertThat(ValidChains.contain(authorities, chain, Date.from(now))).isTrue();
    assertThat(ValidChains.contain(others, chain, Date.from(now))).isFalse();
  }

  @Test
  void knowsNoChainOutsideItsTime() throws GeneralSecurityException {
    // When
    ValidChains.add(authorities, chain);

    // Then
    Instant start = chain[0].getNotBefore().toInstant();
    Instant end = chain[0].getNotAfter().toInstant();
    assertThat(ValidChains.contain(authorities, chain, Date.from(end.plusSeconds(1)))).isFalse();
    assertThat(ValidChains.contain(authorities, chain, Date.from(start.minus(Duration.ofDays(1)))))
        .isFalse();
  }
}
