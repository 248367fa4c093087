package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.LeakCheck;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Security of pod and server. Every test shows that Pod Security `restricted` admits the pod. */
class SecurityTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance vault;

  @BeforeAll
  static void instance() {
    // Given
    vault = given.instance("vault").running();
  }

  @Test
  void rootFileSystemIsReadOnly() {
    // When, Then
    for (String folder : List.of("/", "/etc", "/usr/lib", "/var/lib")) {
      assertThatThrownBy(() -> Cluster.exec(vault, "touch", folder + "/intruder"))
          .hasMessageContaining("Read-only file system");
    }
  }

  @Test
  void podHasNoTokenAndNoSecretExceptVerifiersAndCertificate() {
    // When
    PodSpec pod = vault.pod().getSpec();

    // Then
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getVolumes()).noneMatch(volume -> volume.getProjected() != null);
    assertThat(pod.getVolumes())
        .extracting(Volume::getSecret)
        .filteredOn(Objects::nonNull)
        .extracting(SecretVolumeSource::getSecretName, SecurityTest::keys)
        .containsExactlyInAnyOrder(
            tuple("vault-operator", List.of("roles.sql")),
            tuple("vault-tls", List.of("tls.crt", "tls.key")));
  }

  private static List<String> keys(SecretVolumeSource volume) {
    return volume.getItems().stream().map(KeyToPath::getKey).toList();
  }

  @Test
  void serverAcceptsNoLoginWithoutAuthentication() {
    // When
    String methods =
        Cluster.psql(
            vault,
            "SELECT string_agg(DISTINCT type || ' ' || auth_method, ', ') FROM pg_hba_file_rules");

    // Then
    assertThat(methods)
        .isEqualTo("host reject, host scram-sha-256, local peer, local scram-sha-256");
  }

  @Test
  @Tag("installed")
  void passwordsVerifiersAndKeysAreOnlyInSecretsAndDatabase() {
    // Given
    List<String> secrets = secrets();
    assertThat(secrets).hasSizeGreaterThanOrEqualTo(6); // two passwords, verifiers, and keys

    // When
    String everywhere =
        String.join(
            "\n",
            Serialization.asYaml(vault.pod()),
            Serialization.asYaml(vault.statefulSet()),
            Serialization.asYaml(vault.configMap()),
            Serialization.asYaml(vault.service()),
            Serialization.asYaml(vault.claim()),
            Serialization.asYaml(vault.resource()),
            Serialization.asYaml(vault.appSecret().getMetadata()),
            Serialization.asYaml(vault.operatorSecret().getMetadata()),
            Serialization.asYaml(vault.caSecret().getMetadata()),
            Serialization.asYaml(vault.tlsSecret().getMetadata()),
            Cluster.events(given.namespace()),
            Cluster.log(vault),
            given.operator().logs());

    // Then
    assertThat(everywhere)
        .doesNotContain("PRIVATE KEY")
        .doesNotContain(secrets.stream().flatMap(LeakCheck::forms).toList())
        .doesNotContain("SCRAM-SHA-256$4096");
  }

  /** Passwords and verifiers of all roles, in clear text, and lines of the private keys. */
  private static List<String> secrets() {
    Map<String, String> app = vault.credentials();
    Map<String, String> operator = Instance.decoded(vault.operatorSecret());
    Stream<String> passwords =
        Stream.of(Map.of("password", app.get("password")), operator)
            .map(Map::entrySet)
            .flatMap(Collection::stream)
            .filter(entry -> !entry.getKey().equals("roles.sql"))
            .map(Map.Entry::getValue)
            .filter(value -> value.length() >= 16);
    Stream<String> verifiers =
        Stream.of(operator.get("roles.sql").split("'", -1))
            .filter(word -> word.startsWith("SCRAM-"));
    Stream<String> keys =
        Stream.of(vault.caSecret(), vault.tlsSecret())
            .flatMap(secret -> Instance.decoded(secret).get("tls.key").lines().skip(2).limit(1));
    return Stream.of(passwords, verifiers, keys).flatMap(texts -> texts).distinct().toList();
  }
}
