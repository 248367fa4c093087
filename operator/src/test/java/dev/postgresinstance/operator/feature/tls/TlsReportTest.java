package dev.postgresinstance.operator.feature.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.TlsStatus;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.reconcile.Statuses;
import dev.postgresinstance.operator.sql.LoginResult;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How the status describes a certificate of a user, which may contain anything. */
class TlsReportTest {

  /** The API server would reject the whole status. */
  @Test
  void reportsNoMoreOfTheCertificateThanTheDefinitionAllows() {
    // Given
    KeyedCertificate authority =
        ProvidedSecrets.authority("x".repeat(2_000), ProvidedSecrets.keys("EC", 256), List.of());
    List<String> names =
        Stream.concat(
                Stream.of("orders.shop.svc", "0".repeat(260), "0".repeat(270)),
                IntStream.range(0, 300).mapToObj("n%d.example.com"::formatted))
            .toList();
    KeyedCertificate certificate =
        ProvidedSecrets.server(
            ProvidedSecrets.keys("EC", 256), authority, names, Pods.NOW, Duration.ofDays(90));
    Snapshot snapshot =
        TlsSnapshots.reconciled(
            Snapshots.of("{tls: {secretName: %s}}".formatted(ProvidedSecrets.NAME))
                .with(ProvidedSecrets.secret(certificate, List.of(authority))),
            Pods.NOW);

    // When
    TlsStatus status = Statuses.of(snapshot, new LoginResult.Pending(), Pods.NOW).tls();

    // Then
    assertThat(status.names()).hasSize(256).doesNotHaveDuplicates();
    assertThat(status.names()).allMatch(name -> name.length() <= 253);
    assertThat(status.issuer()).hasSize(1_024).startsWith("CN=xxx");
  }
}
