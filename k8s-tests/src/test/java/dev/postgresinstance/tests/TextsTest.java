package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Any name or password that a user may choose logs in, in every form that the Secret contains. */
@Order(1)
class TextsTest {

  private static final String WHO = "SELECT current_user || ' in ' || current_database()";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance shop;

  @BeforeAll
  static void instance() {
    // Given: names that need escaping everywhere
    shop =
        given
            .instance("shop")
            .database("Bücher & \"Mehr\"; -- 100%/ö")
            .username("o'Neil: \\ @\"x\" $1")
            .running();
  }

  static Stream<String> passwords() {
    return Stream.of(
        "it's \"quoted\" `x` $HOME $(id) ${x}",
        "%41%%@:/#?&=+;,[]{}|<>^~!*()",
        "\\ back\\slashes\\",
        "  blanks at both ends  ",
        "-- ; DROP ROLE app; --",
        "u\u0308ber \u00fcber",
        "\u00adsoft\u00ad",
        "\u00a0\u2003\u3000",
        "🐘🐘",
        "x",
        "0123456789".repeat(100),
        "SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy",
        "md5d41d8cd98f00b204e9800998ecf8427e",
        "two\nlines",
        "tab\tand\u0001control");
  }

  @ParameterizedTest
  @Tag("long")
  @MethodSource("passwords")
  void passwordLogsInWithEveryForm(String password) throws SQLException {
    // When
    Cluster.editPassword(shop.appSecret(), password);

    // Then
    Eventually.that(
        "all forms contain the password, and log in", () -> assertEveryFormLogsIn(password));
  }

  @Test
  void passwordThatJdbcCannotSendIsReportedAndNotSet() {
    // When: the preparation for SCRAM leaves nothing of the password
    Cluster.editPassword(shop.appSecret(), "\u00ad");

    // Then
    assertThat(Eventually.instance(shop).isNotReady(Reason.PASSWORD_SECRET_INVALID))
        .contains("shop-app", "JDBC");
    Consistently.that(
        "the Secret stays unchanged",
        () -> assertThat(shop.credentials()).containsEntry("password", "\u00ad"));
  }

  @Test
  void trailingLineFeedIsNotPartOfThePassword() throws SQLException {
    // When
    Cluster.editPassword(shop.appSecret(), "echoed\n");

    // Then
    Eventually.that(
        "the password is published without the line feed", () -> assertEveryFormLogsIn("echoed"));
  }

  private static void assertEveryFormLogsIn(String password) throws SQLException {
    Map<String, String> credentials = shop.credentials();
    String who = credentials.get("username") + " in " + credentials.get("database");
    assertThat(credentials).containsEntry("password", password);
    try (Client client = Client.connect(credentials.get("external-jdbc-uri"))) {
      assertThat(client.read(WHO)).isEqualTo(who);
    }
    assertThat(psql("psql \"$1\" -XtAc \"$2\"", credentials.get("uri"), WHO)).isEqualTo(who);
    assertThat(
            psql(
                "PGHOST=\"$1\" PGPORT=\"$2\" PGUSER=\"$3\" PGPASSWORD=\"$4\" PGDATABASE=\"$5\""
                    + " psql -XtAc \"$6\"",
                credentials.get("host"),
                credentials.get("port"),
                credentials.get("username"),
                credentials.get("password"),
                credentials.get("database"),
                WHO))
        .isEqualTo(who);
    if (password.contains("\n")) {
      assertThat(credentials).doesNotContainKey("pgpass");
      assertThat(shop.ready().orElseThrow().getMessage()).contains("no key pgpass");
    } else {
      assertThat(
              psql(
                  "umask 077; printf %s \"$1\" >/tmp/pgpass; PGPASSFILE=/tmp/pgpass"
                      + " PGHOST=\"$2\" PGPORT=\"$3\" PGUSER=\"$4\" PGDATABASE=\"$5\""
                      + " psql -w -XtAc \"$6\"",
                  credentials.get("pgpass"),
                  credentials.get("host"),
                  credentials.get("port"),
                  credentials.get("username"),
                  credentials.get("database"),
                  WHO))
          .isEqualTo(who);
    }
  }

  private static String psql(String script, String... arguments) {
    return Cluster.exec(
        shop,
        Stream.concat(Stream.of("bash", "-c", script, "bash"), Stream.of(arguments))
            .toArray(String[]::new));
  }
}
