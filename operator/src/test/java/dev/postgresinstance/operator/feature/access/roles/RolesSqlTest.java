package dev.postgresinstance.operator.feature.access.roles;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.OperatorSecret;
import dev.postgresinstance.operator.feature.access.roles.RolesSql.Verifiers;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolesSqlTest {

  private static final Pattern VERIFIER =
      Pattern.compile("SCRAM-SHA-256\\$(\\d+):([^$]+)\\$([^:]+):(.+)");

  @Test
  void separatesStatementsWithEmptyLinesForSingleUserMode() {
    // When
    String sql =
        RolesSql.render(
            spec("{}"), "", new Verifiers("A", "O", Optional.empty(), Optional.empty()));

    // Then: an empty line within a statement would end it too early
    List<String> statements = List.of(sql.split("\n\n"));
    assertThat(statements).allSatisfy(statement -> assertThat(statement).endsWith(";"));
    assertThat(sql).endsWith(";\n\n");
  }

  @Test
  void createsOnlyDatabaseInPartForFirstStart() {
    // When
    String[] parts =
        RolesSql.render(spec("{}"), "", new Verifiers("A", "O", Optional.empty(), Optional.empty()))
            .split("(?m)^-- database\n");

    // Then
    assertThat(parts).hasSize(2);
    assertThat(parts[0]).doesNotContain("CREATE DATABASE");
    assertThat(parts[1]).isEqualTo("CREATE DATABASE \"app\" OWNER \"app\" TEMPLATE template0;\n\n");
  }

  @Test
  void quotesNamesAndVerifiers() {
    // Given: the CRD rejects such names today; quoting does not rely on it
    PostgresInstanceSpec spec = spec("{username: 'o''n\"x', database: 'd\"b'}");

    // When
    String sql =
        RolesSql.render(spec, "", new Verifiers("it's", "O", Optional.empty(), Optional.empty()));

    // Then
    assertThat(sql)
        .contains("rolname = 'o''n\"x')")
        .contains("CREATE ROLE \"o'n\"\"x\" LOGIN;")
        .contains("ALTER ROLE \"o'n\"\"x\" PASSWORD 'it''s';")
        .contains("CREATE DATABASE \"d\"\"b\" OWNER \"o'n\"\"x\" ");
  }

  @ParameterizedTest
  @CsvSource({"15, false", "16, true", "17, true", "18, true"})
  void grantsAdminOptionToOperatorFromVersion16(String version, boolean granted) {
    // When
    String sql =
        RolesSql.render(
            spec("version: '%s'".formatted(version)),
            "",
            new Verifiers("A", "O", Optional.empty(), Optional.empty()));

    // Then
    assertThat(
            sql.contains(
                "GRANT \"app\" TO \"pgi_operator\" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;"))
        .isEqualTo(granted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{version: '15'}|100 - 3 - 3",
        "{version: '15', parameters: {Max_Connections: '20'}}|20 - 3 - 3",
        "{version: '15', parameters: {max_connections: '0x14', superuser_reserved_connections: '5'}}|pg_catalog.current_setting('max_connections')::pg_catalog.int4 - 5 - 3",
      })
  void keepsRoomForOperatorBeforeVersion16(String spec, String room) {
    assertThat(
            RolesSql.render(
                spec(spec), "", new Verifiers("A", "O", Optional.empty(), Optional.empty())))
        .contains("room pg_catalog.int4 := GREATEST(1, %s);".formatted(room));
  }

  @Test
  void closesSuperuserAccessUnlessVerifierIsGiven() {
    // When
    String closed =
        RolesSql.render(
            spec("{}"), "", new Verifiers("A", "O", Optional.empty(), Optional.empty()));
    String open =
        RolesSql.render(
            spec("{}"), "", new Verifiers("A", "O", Optional.of("S"), Optional.empty()));

    // Then
    assertThat(closed)
        .contains("SELECT pgi.close_superuser_access();\n\n")
        .doesNotContain("SELECT pgi.open_superuser_access");
    assertThat(open)
        .contains("SELECT pgi.open_superuser_access('S');\n\n")
        .doesNotContain("SELECT pgi.close_superuser_access");
  }

  @Test
  void letsOnlyOperatorCallFunctionsThatRunAsSuperuser() {
    // When
    String sql =
        RolesSql.render(
            spec("{}"), "", new Verifiers("A", "O", Optional.empty(), Optional.empty()));

    // Then
    assertThat(
            Pattern.compile("CREATE OR REPLACE FUNCTION [^;]*?\\$pgi\\$ BEGIN")
                .matcher(sql)
                .results()
                .map(MatchResult::group))
        .hasSize(6)
        .allSatisfy(
            function ->
                assertThat(function)
                    .contains("SECURITY DEFINER SET search_path = pg_catalog, pg_temp"));
    assertThat(sql)
        .contains("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pgi FROM PUBLIC;")
        .contains("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgi TO pgi_operator;");
  }

  @Test
  void endsOnlySessionsFromNetworkWithoutTls() {
    // When
    String sql =
        RolesSql.render(
            spec("{}"), "", new Verifiers("A", "O", Optional.empty(), Optional.empty()));

    // Then
    assertThat(sql)
        .contains("CREATE OR REPLACE FUNCTION pgi.end_plain_sessions() RETURNS")
        .contains(
            "WHERE NOT ssl AND client_addr IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_backend_pid();");
  }

  @Test
  void containsNoPassword() {
    // Given
    Snapshot snapshot = Snapshots.of("{}");
    Credentials credentials =
        new Credentials("clear-password", false, "clear-operator-password", "clear-salt-key");

    // When
    String sql = rolesSql(snapshot, credentials);

    // Then
    assertThat(sql).contains("SCRAM-SHA-256$").doesNotContain("clear");
  }

  @ParameterizedTest
  @CsvSource({"secret", "'p:a%s\\w ''ö\"', "})
  void derivesVerifierFromPassword(String password) throws GeneralSecurityException {
    // When
    String verifier = RolesSql.verifier("app", password, "salt-key");

    // Then: as RFC 5802 and RFC 7677 define it
    Matcher parts = VERIFIER.matcher(verifier);
    assertThat(parts.matches()).isTrue();
    assertThat(decoded(parts.group(2))).hasSize(16);
    byte[] salted =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
            .generateSecret(
                new PBEKeySpec(
                    password.toCharArray(),
                    decoded(parts.group(2)),
                    Integer.parseInt(parts.group(1)),
                    256))
            .getEncoded();
    assertThat(decoded(parts.group(3)))
        .isEqualTo(MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key")));
    assertThat(decoded(parts.group(4))).isEqualTo(hmac(salted, "Server Key"));
  }

  @Test
  void derivesSameVerifierEachTime() {
    // When
    String verifier = RolesSql.verifier("app", "secret", "salt-key");

    // Then: a verifier that changed in each reconciliation would set the roles at each start
    assertThat(RolesSql.verifier("app", "secret", "salt-key")).isEqualTo(verifier);
  }

  @ParameterizedTest
  @CsvSource({"app, other, salt-key", "other, secret, salt-key", "app, secret, other"})
  void derivesDifferentSaltForOtherRolePasswordOrKey(String role, String password, String saltKey) {
    // When
    String verifier = RolesSql.verifier(role, password, saltKey);

    // Then
    assertThat(salt(verifier)).isNotEqualTo(salt(RolesSql.verifier("app", "secret", "salt-key")));
  }

  @Test
  void keepsSqlWhenNothingChanges() {
    // Given
    Credentials credentials = new Credentials("p", true, "o", "s");
    Snapshot snapshot = Snapshots.of("{}");
    Snapshot persisted =
        snapshot.with(OperatorSecret.desired(snapshot, credentials, Optional.empty(), false));

    // When
    String sql = rolesSql(persisted, credentials);

    // Then
    assertThat(sql).isEqualTo(rolesSql(snapshot, credentials));
  }

  @Test
  void rendersSqlAgainForNewPassword() {
    // Given
    Credentials credentials = new Credentials("p", true, "o", "s");
    Snapshot snapshot = Snapshots.of("{}");
    Snapshot persisted =
        snapshot.with(OperatorSecret.desired(snapshot, credentials, Optional.empty(), false));

    // When
    String sql = rolesSql(persisted, new Credentials("new", true, "o", "s"));

    // Then
    assertThat(sql).contains(RolesSql.verifier("app", "new", "s"));
  }

  private static String rolesSql(Snapshot snapshot, Credentials credentials) {
    String encoded =
        OperatorSecret.desired(snapshot, credentials, Optional.empty(), false)
            .getData()
            .get("roles.sql");
    return new String(decoded(encoded), UTF_8);
  }

  private static PostgresInstanceSpec spec(String yaml) {
    return Snapshots.of(yaml).instance().getSpec();
  }

  private static String salt(String verifier) {
    Matcher parts = VERIFIER.matcher(verifier);
    assertThat(parts.matches()).isTrue();
    return parts.group(2);
  }

  private static byte[] decoded(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }
}
