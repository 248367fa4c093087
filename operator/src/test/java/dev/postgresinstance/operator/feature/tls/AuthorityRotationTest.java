package dev.postgresinstance.operator.feature.tls;

import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.authority;
import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.certificate;
import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.published;
import static dev.postgresinstance.operator.feature.tls.TlsSnapshots.signing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.certificate.Pem;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In which steps an authority is replaced, and that clients trust the server in each of them. */
class AuthorityRotationTest {

  private static final Instant NOW = Pods.NOW;
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Snapshot issued =
      published(
          TlsSnapshots.reconciled(
              Snapshots.withNodePort(Snapshots.of("{}"), 30432), NOW.minusSeconds(60)));

  @ParameterizedTest
  @CsvSource({"1, P7D", "'1,12h', PT12H", "'2026-11-30, 1h30m', PT1H30M", "'x,0s', PT0S"})
  void newAuthoritySignsAfterWaitingTime(String request, Duration waitingTime) {
    // Given
    Snapshot requested = requested(issued, request);

    // When: the new one is published, and published alone until the time is over
    Snapshot first = step(requested, NOW);
    Snapshot still =
        waitingTime.isZero() ? first : step(first, NOW.plus(waitingTime).minus(SECOND));
    Snapshot changed = step(still, NOW.plus(waitingTime));

    // Then: it signs, and clients with the text of any step accept the certificate
    assertThat(authority(first)).isEqualTo(authority(issued));
    assertThat(certificate(first)).isEqualTo(certificate(issued));
    assertThat(trusted(first)).hasSize(2).startsWith(authority(issued));
    assertThat(trusted(still)).isEqualTo(trusted(first));
    assertThat(authority(changed)).isEqualTo(trusted(first).getLast());
    assertThat(ServerCertificate.of(changed).orElseThrow().isSignedBy(signing(changed))).isTrue();
    assertThat(trusted(changed)).containsExactlyInAnyOrderElementsOf(trusted(first));
  }

  @Test
  void formerAuthorityGoesAfterSecondWaitingTimeAndRequestIsFulfilledOnce() {
    // Given
    Snapshot changed = step(step(requested(issued, "1"), NOW), NOW.plus(WEEK));

    // When
    Snapshot before = step(changed, NOW.plus(WEEK).plus(WEEK).minus(SECOND));
    Snapshot after = step(before, NOW.plus(WEEK).plus(WEEK));
    Snapshot later = step(after, NOW.plus(WEEK).plus(WEEK).plus(WEEK));

    // Then
    assertThat(trusted(before)).hasSize(2);
    assertThat(trusted(after)).containsExactly(authority(changed));
    assertThat(trusted(later)).containsExactly(authority(changed));
    assertThat(later.get(ObjectKey.CA_SECRET).orElseThrow().getData())
        .doesNotContainKey("next-tls.key");
  }

  @Test
  void anotherValueRequestsAnotherRotation() {
    // Given
    Snapshot changed = step(step(requested(issued, "1"), NOW), NOW.plus(WEEK));

    // When
    Snapshot again = step(requested(changed, "2"), NOW.plus(WEEK));

    // Then
    assertThat(trusted(again)).hasSize(3).startsWith(authority(changed));
  }

  @Test
  void newInstanceHasFulfilledTheRequestInItsManifest() {
    // Given
    Snapshot created = TlsSnapshots.reconciled(requested(Snapshots.of("{}"), "2026-01-01"), NOW);

    // When
    Snapshot later = step(created, NOW.plus(WEEK));

    // Then
    assertThat(trusted(later)).containsExactly(authority(created));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1,", "1,7", "1,7d", ",1h", "1,1h,2h", "1,-1h", "1,9999999h", "1,1.5h", ""})
  void requestThatIsNotUnderstoodChangesNothing(String request) {
    // When
    Snapshot requested = step(requested(issued, request), NOW);

    // Then
    assertThat(AuthorityRotation.isInvalid(requested.instance())).isTrue();
    assertThat(requested.objects()).isEqualTo(issued.objects());
  }

  @Test
  void authorityIsReplacedInItsLastYear() {
    // Given
    Instant lastYear = NOW.plus(Duration.ofDays(3650 - 365));

    // When
    Snapshot before = step(issued, lastYear.minus(Duration.ofDays(1)));
    Snapshot first = step(issued, lastYear.plus(SECOND));
    Snapshot changed = step(first, lastYear.plus(WEEK).plus(SECOND));
    Snapshot after = step(changed, lastYear.plus(WEEK).plus(WEEK).plus(SECOND));

    // Then
    assertThat(trusted(before)).containsExactly(authority(issued));
    assertThat(trusted(first)).hasSize(2);
    assertThat(authority(changed)).isNotEqualTo(authority(issued));
    assertThat(trusted(after)).containsExactly(authority(changed));
  }

  @Test
  void authorityNearItsEndDoesNotWait() {
    // Given: a clock that has jumped
    Instant nearTheEnd = NOW.plus(Duration.ofDays(3649));

    // When
    Snapshot changed = step(step(issued, nearTheEnd), nearTheEnd);
    Snapshot after = step(changed, nearTheEnd);

    // Then
    assertThat(authority(changed)).isNotEqualTo(authority(issued));
    assertThat(after.objects()).isEqualTo(changed.objects());
  }

  @Test
  void rotationWaitsUntilApplicationsCanReadTheNewAuthority() {
    // Given: the Secret of the application cannot be written
    Snapshot first = TlsSnapshots.reconciled(requested(issued, "1"), NOW);

    // When
    Snapshot later = TlsSnapshots.reconciled(first, NOW.plus(WEEK));
    Snapshot writable = step(published(later), NOW.plus(WEEK));

    // Then
    assertThat(authority(later)).isEqualTo(authority(issued));
    assertThat(authority(writable)).isNotEqualTo(authority(issued));
  }

  @ParameterizedTest
  @CsvSource({
    "postgresinstance.dev/next-authority-published, 2999-01-01T00:00:00Z",
    "postgresinstance.dev/next-authority-published, +999999999-12-31T23:59:59Z",
    "postgresinstance.dev/next-authority-published, yesterday",
  })
  void editedTimeStartsTheWaitingTimeAgain(String annotation, String time) {
    // Given
    Snapshot first = step(requested(issued, "1"), NOW);
    Snapshot edited =
        first.with(
            new SecretBuilder(first.get(ObjectKey.CA_SECRET).orElseThrow())
                .editMetadata()
                .addToAnnotations(annotation, time)
                .endMetadata()
                .build());

    // When
    Snapshot later = step(edited, NOW.plus(WEEK));
    Snapshot changed = step(later, NOW.plus(WEEK).plus(WEEK));

    // Then
    assertThat(authority(later)).isEqualTo(authority(issued));
    assertThat(authority(changed)).isNotEqualTo(authority(issued));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-01-08T00:01:02Z", "2999-01-01T00:00:00Z", "yesterday"})
  void formerAuthorityStaysTrustedIfTimeOfChangeCannotBeRight(String time) {
    // Given: the clock of another leader was ahead, or somebody has edited the time
    Snapshot changed = step(step(requested(issued, "1"), NOW), NOW.plus(WEEK));
    Snapshot edited =
        changed.with(
            new SecretBuilder(changed.get(ObjectKey.CA_SECRET).orElseThrow())
                .editMetadata()
                .addToAnnotations("postgresinstance.dev/authority-changed", time)
                .endMetadata()
                .build());

    // When
    Snapshot next = step(edited, NOW.plus(WEEK));
    Snapshot before = step(next, NOW.plus(WEEK).plus(WEEK).minus(SECOND));
    Snapshot after = step(before, NOW.plus(WEEK).plus(WEEK));

    // Then
    assertThat(trusted(next)).hasSize(2);
    assertThat(trusted(before)).hasSize(2);
    assertThat(trusted(after)).containsExactly(authority(changed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"next-tls.crt", "next-tls.key"})
  void foreignNextAuthorityIsNeverUsed(String key) {
    // Given
    Snapshot first = step(requested(issued, "1"), NOW);
    KeyedCertificate foreign =
        ProvidedSecrets.authority("foreign", ProvidedSecrets.keys("EC", 256), List.of());
    Secret edited =
        new SecretBuilder(first.get(ObjectKey.CA_SECRET).orElseThrow())
            .addToData(
                SecretData.encode(
                    Map.of(
                        key,
                        key.endsWith("key") ? Pem.of(foreign.key()) : Pem.of(foreign.chain()))))
            .build();

    // When
    Snapshot later = step(step(first.with(edited), NOW.plus(WEEK)), NOW.plus(WEEK).plus(WEEK));

    // Then
    assertThat(authority(later)).isNotEqualTo(foreign.certificate());
    assertThat(trusted(later)).doesNotContain(foreign.certificate());
    assertThat(signing(later).isPair()).isTrue();
  }

  @Test
  void authorityOfTheFutureIsReplaced() {
    // Given: a clock that was wrong
    Snapshot future = published(TlsSnapshots.reconciled(issued, NOW));
    Instant past = NOW.minus(Duration.ofDays(365));

    // When
    Snapshot corrected = step(future, past);

    // Then
    assertThat(authority(corrected).getNotBefore().toInstant()).isBefore(past);
    assertThat(certificate(corrected).getNotBefore().toInstant()).isBefore(past);
  }

  private static Snapshot step(Snapshot snapshot, Instant now) {
    return published(TlsSnapshots.reconciled(snapshot, now));
  }

  private static Snapshot requested(Snapshot snapshot, String request) {
    return Snapshots.withAnnotation(snapshot, AuthorityRotation.ROTATE_CA, request);
  }

  private static List<X509Certificate> trusted(Snapshot snapshot) {
    return Pem.certificates(CertificateAuthority.trusted(snapshot).orElseThrow());
  }
}
