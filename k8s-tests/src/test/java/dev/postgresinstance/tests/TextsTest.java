package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Steadily;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text that a person may choose logs in, by every form in which the Secret tells it. */
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
  @MethodSource("passwords")
  void everyPasswordLogsInByEveryForm(String password) throws SQLException {
    // When
    Cluster.editPassword(shop.appSecret(), password);

    // Then
    Eventually.that("all forms are of it, and log in", () -> assertEveryFormLogsIn(password));
  }

  @Test
  void textThatNoJdbcClientCanSendIsSaidAndNotSet() {
    // When: SCRAM leaves nothing of it
    Cluster.editPassword(shop.appSecret(), "\u00ad");

    // Then
    assertThat(Eventually.instance(shop).isNotReady(Reason.PASSWORD_SECRET_INVALID))
        .contains("shop-app", "JDBC");
    Steadily.that(
        "the Secret is left alone",
        () -> assertThat(shop.credentials()).containsEntry("password", "\u00ad"));
  }

  @Test
  void oneLineFeedAtTheEndIsNotPartOfThePassword() throws SQLException {
    // When
    Cluster.editPassword(shop.appSecret(), "echoed\n");

    // Then
    Eventually.that("it is published without", () -> assertEveryFormLogsIn("echoed"));
  }

  private static void assertEveryFormLogsIn(String password) throws SQLException {
    Map<String, String> texts = shop.credentials();
    String who = texts.get("username") + " in " + texts.get("database");
    assertThat(texts).containsEntry("password", password);
    try (Client client = Client.connect(texts.get("external-jdbc-uri"))) {
      assertThat(client.read(WHO)).isEqualTo(who);
    }
    assertThat(psql("psql \"$1\" -XtAc \"$2\"", texts.get("uri"), WHO)).isEqualTo(who);
    assertThat(
            psql(
                "PGHOST=\"$1\" PGPORT=\"$2\" PGUSER=\"$3\" PGPASSWORD=\"$4\" PGDATABASE=\"$5\""
                    + " psql -XtAc \"$6\"",
                texts.get("host"),
                texts.get("port"),
                texts.get("username"),
                texts.get("password"),
                texts.get("database"),
                WHO))
        .isEqualTo(who);
    if (password.contains("\n")) {
      assertThat(texts).doesNotContainKey("pgpass");
      assertThat(shop.ready().orElseThrow().getMessage()).contains("no key pgpass");
    } else {
      assertThat(
              psql(
                  "umask 077; printf %s \"$1\" >/tmp/pgpass; PGPASSFILE=/tmp/pgpass"
                      + " PGHOST=\"$2\" PGPORT=\"$3\" PGUSER=\"$4\" PGDATABASE=\"$5\""
                      + " psql -w -XtAc \"$6\"",
                  texts.get("pgpass"),
                  texts.get("host"),
                  texts.get("port"),
                  texts.get("username"),
                  texts.get("database"),
                  WHO))
          .isEqualTo(who);
    }
  }

  private static String psql(String script, String... words) {
    return Cluster.exec(
        shop,
        Stream.concat(Stream.of("bash", "-c", script, "bash"), Stream.of(words))
            .toArray(String[]::new));
  }
}
