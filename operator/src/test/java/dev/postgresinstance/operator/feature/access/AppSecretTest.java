package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.TlsSnapshots;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

class AppSecretTest {

  static final String[] PASSWORDS = {
    "0123456789abcdef",
    "p:a/s?s@w#o[r]d",
    "100%&user=postgres;+ x",
    "back\\slash'\"",
    "Ünïcödé 🐘",
    "*~_-."
  };

  private final Snapshot internal = Snapshots.of("{database: shop-db, username: shop_owner}");
  private final Snapshot external =
      Snapshots.withNodes(Snapshots.withNodePort(internal, 30432), "172.18.0.2");

  @Test
  void publishesKeysOfServiceBindingSpecification() {
    // When
    Map<String, String> data = data(internal, "secret");

    // Then
    assertThat(data)
        .containsOnlyKeys(
            "type",
            "provider",
            "host",
            "port",
            "database",
            "username",
            "password",
            "uri",
            "jdbc-uri",
            "user",
            "dbname",
            "pgpass")
        .containsEntry("type", "postgresql")
        .containsEntry("host", "orders.shop.svc")
        .containsEntry("port", "5432")
        .containsEntry("database", "shop-db")
        .containsEntry("username", "shop_owner");
  }

  @Test
  void publishesExternalAddress() {
    // When
    Map<String, String> data = data(external, "secret");

    // Then
    assertThat(data)
        .containsEntry("external-host", "172.18.0.2")
        .containsEntry("external-port", "30432")
        .containsEntry(
            "external-uri",
            "postgresql://shop_owner:secret@172.18.0.2:30432/shop-db?sslmode=disable")
        .containsEntry(
            "external-jdbc-uri",
            "jdbc:postgresql://172.18.0.2:30432/shop-db?user=shop_owner&password=secret&sslmode=disable");
  }

  @Test
  void publishesHowToVerifyServerThatOffersTls() {
    // When
    Map<String, String> data = data(TlsSnapshots.withCertificate(external), "secret");

    // Then
    assertThat(data)
        .containsEntry("sslmode", "verify-full")
        .containsEntry("sslrootcert", "ca.crt")
        .containsEntry(
            "tls-uri",
            "postgresql://shop_owner:secret@orders.shop.svc:5432/shop-db?sslmode=verify-full")
        .containsEntry(
            "external-tls-uri",
            "postgresql://shop_owner:secret@172.18.0.2:30432/shop-db?sslmode=verify-full")
        .containsEntry("uri", "postgresql://shop_owner:secret@orders.shop.svc:5432/shop-db")
        .containsEntry("jdbc-url", data.get("jdbc-uri"))
        .containsEntry("external-jdbc-url", data.get("external-jdbc-uri"))
        .containsEntry("certificates", data.get("ca.crt"));
    assertThat(data.get("ca.crt")).startsWith("-----BEGIN CERTIFICATE-----\n");
    assertThat(data.values()).noneMatch(text -> text.contains("PRIVATE KEY"));
  }

  @Test
  void clientsUseTlsWhereItIsRequired() {
    // Given
    Snapshot required =
        TlsSnapshots.withCertificate(
            Snapshots.withSpec(
                external, "{database: shop-db, username: shop_owner, tls: {required: true}}"));

    // When
    Map<String, String> data = data(required, "secret");

    // Then
    assertThat(data)
        .containsEntry(
            "uri", "postgresql://shop_owner:secret@orders.shop.svc:5432/shop-db?sslmode=require")
        .containsEntry(
            "jdbc-uri",
            "jdbc:postgresql://orders.shop.svc:5432/shop-db?user=shop_owner&password=secret&sslmode=require")
        .containsEntry("jdbc-url", data.get("jdbc-uri"))
        .containsEntry(
            "external-uri",
            "postgresql://shop_owner:secret@172.18.0.2:30432/shop-db?sslmode=require")
        .containsEntry("sslmode", "verify-full");
    assertThat(data.get("tls-uri")).endsWith("?sslmode=verify-full");
  }

  @Test
  void serverThatDoesNotOfferTlsYetIsUsedWithoutIt() {
    // Given: its pod was created by an earlier version
    Snapshot required = Snapshots.withSpec(external, "{tls: {required: true}}");
    Snapshot waiting =
        TlsSnapshots.withCertificate(Snapshots.with(required, Pods.started(required)));

    // Then
    assertThat(data(waiting, "secret").get("uri")).endsWith("?sslmode=disable");
  }

  @Test
  void publishesNoExternalAddressWithoutKnownHost() {
    // Given
    Snapshot snapshot = Snapshots.withNodePort(internal, 30432);

    // When
    Map<String, String> data = data(snapshot, "secret");

    // Then
    assertThat(data.keySet()).noneMatch(key -> key.startsWith("external-"));
  }

  @ParameterizedTest
  @FieldSource("PASSWORDS")
  void encodesAnyPasswordInUri(String password) {
    // When
    URI uri = URI.create(data(internal, password).get("uri"));

    // Then
    assertThat(uri.getScheme()).isEqualTo("postgresql");
    assertThat(uri.getHost()).isEqualTo("orders.shop.svc");
    assertThat(uri.getPort()).isEqualTo(5432);
    assertThat(uri.getPath()).isEqualTo("/shop-db");
    assertThat(uri.getQuery()).isEqualTo("sslmode=disable");
    assertThat(uri.getUserInfo()).isEqualTo("shop_owner:" + password);
    assertThat(uri.getRawUserInfo().substring("shop_owner:".length()))
        .matches(raw -> URLDecoder.decode(raw, StandardCharsets.UTF_8).equals(password))
        .doesNotContain("+");
  }

  @Test
  void encodesInPathOfUriOnlyWhatMustBeEncoded() {
    // Given
    Snapshot snapshot = Snapshots.of("{database: \"a!$&'()*+,;=:@b-._~ %/?#Ä\"}");

    // When
    String uri = data(snapshot, "secret").get("uri");

    // Then
    assertThat(uri).contains(":5432/a!$&'()*+,;=:@b-._~%20%25%2F%3F%23%C3%84?sslmode=");
  }

  @ParameterizedTest
  @FieldSource("PASSWORDS")
  void encodesAnyPasswordInJdbcUri(String password) {
    // When
    Properties parsed = Driver.parseURL(data(internal, password).get("jdbc-uri"), null);

    // Then
    assertThat(parsed).isNotNull();
    assertThat(PGProperty.PG_HOST.getOrDefault(parsed)).isEqualTo("orders.shop.svc");
    assertThat(PGProperty.PG_PORT.getOrDefault(parsed)).isEqualTo("5432");
    assertThat(PGProperty.PG_DBNAME.getOrDefault(parsed)).isEqualTo("shop-db");
    assertThat(PGProperty.USER.getOrDefault(parsed)).isEqualTo("shop_owner");
    assertThat(PGProperty.PASSWORD.getOrDefault(parsed)).isEqualTo(password);
  }

  @Test
  void encodesIpv6AddressInUris() {
    // Given
    Snapshot snapshot = Snapshots.withNodes(Snapshots.withNodePort(internal, 30432), "2001:db8::7");

    // When
    Map<String, String> data = data(snapshot, "secret");

    // Then
    assertThat(data).containsEntry("external-host", "2001:db8::7");
    URI uri = URI.create(data.get("external-uri"));
    assertThat(uri.getHost()).isEqualTo("[2001:db8::7]");
    assertThat(uri.getPort()).isEqualTo(30432);
    Properties parsed = Driver.parseURL(data.get("external-jdbc-uri"), null);
    assertThat(parsed).isNotNull();
    assertThat(PGProperty.PG_HOST.getOrDefault(parsed)).contains("2001:db8::7");
    assertThat(PGProperty.PG_PORT.getOrDefault(parsed)).isEqualTo("30432");
  }

  @Test
  void writesOneEscapedPgpassLinePerAddress() {
    // Given
    Snapshot snapshot = Snapshots.withNodes(Snapshots.withNodePort(internal, 30432), "2001:db8::7");

    // When
    String pgpass = data(snapshot, "a:b\\c").get("pgpass");

    // Then
    assertThat(pgpass)
        .isEqualTo(
            """
            orders.shop.svc:5432:shop-db:shop_owner:a\\:b\\\\c
            2001\\:db8\\:\\:7:30432:shop-db:shop_owner:a\\:b\\\\c
            """);
  }

  private static Map<String, String> data(Snapshot snapshot, String password) {
    Secret secret =
        AppSecret.desired(
            snapshot, new Credentials(password, true, "o", "s"), Optional.empty(), Pods.NOW);
    Map<String, String> data = new TreeMap<>(secret.getData());
    data.replaceAll(
        (key, value) -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
    return data;
  }
}
