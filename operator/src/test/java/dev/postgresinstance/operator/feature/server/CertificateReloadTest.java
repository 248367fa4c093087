package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.CredentialRepair;
import dev.postgresinstance.operator.feature.configuration.Configuration;
import dev.postgresinstance.operator.feature.configuration.ServerSettings;
import dev.postgresinstance.operator.feature.configuration.SettingsTask;
import dev.postgresinstance.operator.feature.tls.TlsSnapshots;
import dev.postgresinstance.operator.feature.tls.certificate.KeyedCertificate;
import dev.postgresinstance.operator.feature.tls.session.TlsFindings;
import dev.postgresinstance.operator.feature.tls.session.TlsTask;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.LoginMonitor;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.SessionTask;
import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a real server, in a container, loads a renewed certificate. Needs only docker. */
class CertificateReloadTest {

  private static final Pattern HASH = Pattern.compile("configuration = '(\\w+)'");

  private final Snapshot issued = TlsSnapshots.reconciled(TestPod.snapshot(), Instant.now());
  private final Snapshot renewed =
      TlsSnapshots.reconciled(issued, Instant.now().plus(Duration.ofDays(60)));
  private final LoginMonitor<String> logins =
      new LoginMonitor<>(key -> {}, () -> true, (key, login) -> login.get());

  private Workbench workbench;
  private TestVolume volume;
  private TestPod pod;
  private TestServer server;

  @BeforeEach
  void start() {
    Docker.makeSureOfImage();
    workbench = new Workbench();
    volume = workbench.emptyVolume();
    String first = configuration(Map.of("max_prepared_transactions", "5"));
    pod =
        volume
            .pod()
            .reachable()
            .roles(TestPod.rolesWith(TestPod.APP_PASSWORD))
            .configuration(first, first)
            .certificate(text(issued, "tls.crt"), text(issued, "tls.key"));
    server = pod.start().awaitReady();
  }

  @AfterEach
  void close() {
    logins.close();
    volume.close();
    workbench.close();
  }

  @Test
  void parameterThatWaitsForRestartDoesNotDelayCertificate() {
    // Given: a changed parameter and a removed one wait for a restart
    String next = configuration(Map.of("max_connections", "50"));
    pod.configuration(next, next);
    ServerSettings settings =
        await(
            new SettingsTask(hash(next)),
            SettingsTask.SETTINGS,
            found -> found.loaded().equals(hash(next)));
    assertThat(settings.pendingRestart()).contains("max_connections", "max_prepared_transactions");
    pod.certificate(text(renewed, "tls.crt"), text(renewed, "tls.key"));
    TlsTask task = new TlsTask(fingerprint(renewed), true);

    // When: the file has another fault, too
    pod.configuration(next + "\nwork_mem = much\n", next);
    TlsFindings delayed = await(task, TlsTask.TLS, found -> true);

    // Then
    assertThat(delayed.isPresented(fingerprint(issued))).isTrue();
    assertThat(delayed.reloadedAt()).isEmpty();

    // When
    pod.configuration(next, next);

    // Then
    await(task, TlsTask.TLS, TlsFindings::isServing);
    assertThat(server.superuserQuery("SHOW max_connections")).isNotEqualTo("50");
  }

  private <T> T await(SessionTask<T> task, FindingKey<T> key, Predicate<T> expected) {
    LoginRequest request = request(task);
    logins.forget("orders"); // the next login follows at once
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> logins.lastResult("orders", request).findings().get(key),
            found -> found.filter(expected).isPresent())
        .orElseThrow();
  }

  private LoginRequest request(SessionTask<?> task) {
    return new LoginRequest(
        "container",
        "127.0.0.1",
        server.port(),
        Optional.of(
            new TlsTrust(text(issued, "ca.crt"), Names.serviceHost(issued.instance()), false)),
        "app",
        new Role("app", TestPod.APP_PASSWORD),
        new Role(Names.OPERATOR_ROLE, TestPod.OPERATOR_PASSWORD),
        new CredentialRepair(true),
        List.of(task));
  }

  private String configuration(Map<String, String> parameters) {
    return Configuration.of(issued, parameters).text();
  }

  private static String fingerprint(Snapshot snapshot) {
    return KeyedCertificate.in(snapshot.get(ObjectKey.TLS_SECRET)).orElseThrow().fingerprint();
  }

  private static String text(Snapshot snapshot, String key) {
    return SecretData.text(snapshot.get(ObjectKey.TLS_SECRET), key).orElseThrow();
  }

  private static String hash(String configuration) {
    return Optional.of(HASH.matcher(configuration)).filter(Matcher::find).orElseThrow().group(1);
  }
}
