package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import dev.postgresinstance.tests.support.Steadily;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps the application's role out: what a tenant has done stays, what is ours is mended. */
@Order(1)
class TenantTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance shop;

  @BeforeAll
  static void instance() {
    // Given
    shop = given.instance("shop").running();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ALTER ROLE app CONNECTION LIMIT 0                        | ALTER ROLE app CONNECTION LIMIT -1         | TooManyConnections | too many connections for role
          ALTER ROLE app SET local_preload_libraries = 'not_there' | ALTER ROLE app RESET ALL                   | LoginRefused       | could not access file
          """)
  void whatSomebodyHasDoneIsSaidAndNotUndone(
      String deed, String undone, String reason, String words) {
    assertSaidAndNotUndone(deed, undone, reason, words);
  }

  @ParameterizedTest(name = "{0}")
  @Tag("long")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          REVOKE CONNECT ON DATABASE app FROM PUBLIC, app          | GRANT CONNECT ON DATABASE app TO PUBLIC    | LoginRefused       | GRANT CONNECT ON DATABASE "app"
          ALTER DATABASE app ALLOW_CONNECTIONS false               | ALTER DATABASE app ALLOW_CONNECTIONS true  | LoginRefused       | ALLOW_CONNECTIONS true
          ALTER ROLE app NOLOGIN                                   | ALTER ROLE app LOGIN                       | LoginRefused       | ALTER ROLE "app" LOGIN
          """)
  void whatElseSomebodyHasDoneIsSaidAndNotUndone(
      String deed, String undone, String reason, String words) {
    assertSaidAndNotUndone(deed, undone, reason, words);
  }

  private static void assertSaidAndNotUndone(
      String deed, String undone, String reason, String words) {
    // When
    Cluster.psql(shop, deed);

    // Then
    String message =
        Eventually.instance(shop).says(ConditionType.AVAILABLE, Reason.of(reason).orElseThrow());
    assertThat(message).contains(words);
    Eventually.instance(shop).saysOf(ConditionType.CREDENTIALS_IN_SYNC, Reason.PROVEN);

    Cluster.psql(shop, undone);
    Eventually.instance(shop).isReady().acceptsLogins();
  }

  @Test
  @Provokes(Reason.TOO_MANY_CONNECTIONS)
  void usedUpConnectionsKeepTheOperatorNotOut() throws SQLException {
    // Given
    Instance crowded = given.instance("crowded").parameter("max_connections", "20").running();

    // When
    List<Client> sessions = Client.connectUntilFull(crowded);

    // Then
    Eventually.instance(crowded).saysOf(ConditionType.AVAILABLE, Reason.TOO_MANY_CONNECTIONS);
    crowded.change(spec -> spec.parameter("work_mem", "6MB"));
    Client session = sessions.getFirst();
    Eventually.that(
        "a new parameter is in force",
        () -> assertThat(session.read("SHOW work_mem")).isEqualTo("6MB"));
    for (Client client : sessions) {
      client.close();
    }
    Eventually.instance(crowded).isReady();
  }

  @Test
  @Provokes(Reason.DATABASE_MISSING)
  void droppedDatabaseIsMadeAnewOnlyWhenAskedFor() throws SQLException {
    // Given
    Instance lost = given.instance("lost").running();
    Cluster.psql(lost, "DROP DATABASE app WITH (FORCE)");
    assertThat(Eventually.instance(lost).says(ConditionType.AVAILABLE, Reason.DATABASE_MISSING))
        .contains("postgresinstance.dev/recreate-database");
    Steadily.that(
        "it is not made anew",
        () ->
            assertThat(Cluster.psql(lost, "SELECT 1 FROM pg_database WHERE datname = 'app'"))
                .isEmpty());

    // When
    lost.change(spec -> spec.annotation("recreate-database", "yes"));

    // Then
    Eventually.instance(lost).isReady();
    try (Client client = Client.connect(lost)) {
      assertThat(
              client.read("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'app'"))
          .isEqualTo("app");
    }

    // When
    Cluster.psql(lost, "DROP DATABASE app WITH (FORCE)");

    // Then: the same annotation asks for nothing
    Eventually.instance(lost).saysOf(ConditionType.AVAILABLE, Reason.DATABASE_MISSING);
  }

  @Test
  void anotherPasswordInTheDatabaseIsMended() {
    // Given
    Instance desk = given.instance("desk").running();

    // When
    Cluster.psql(desk, "ALTER ROLE app PASSWORD 'other' VALID UNTIL '2020-01-01'");

    // Then
    Eventually.instance(desk).acceptsLogins();
    Eventually.instance(desk).isReady();
  }

  @Test
  void droppedRoleIsMended() {
    // Given
    Instance till = given.instance("till").running();

    // When
    Cluster.psql(till, "ALTER DATABASE app OWNER TO postgres");
    Cluster.psql(till, "DROP ROLE app");

    // Then
    Eventually.instance(till).acceptsLogins();
    Eventually.instance(till).isReady();
  }

  @Test
  void lockedOutOperatorIsSaidAndGetsInAtTheNextStart() {
    assertGetsInAtTheNextStart("locked", "ALTER ROLE pgi_operator PASSWORD 'other' NOLOGIN");
  }

  @Test
  @Tag("long")
  void soIsOneWhoseRoleIsGone() {
    assertGetsInAtTheNextStart("dropped", "DROP OWNED BY pgi_operator", "DROP ROLE pgi_operator");
  }

  private static void assertGetsInAtTheNextStart(String name, String... deeds) {
    // Given
    Instance instance = given.instance(name).running();
    Pod before = instance.pod();
    for (String deed : deeds) {
      Cluster.psql(instance, deed);
    }

    // When
    Eventually.instance(instance).isNotReady(Reason.OPERATOR_LOCKED_OUT);

    // Then
    Eventually.instance(instance).saysOf(ConditionType.AVAILABLE, Reason.RUNNING);
    Steadily.that(
        "it restarts nothing",
        () ->
            assertThat(instance.pod().getMetadata().getUid())
                .isEqualTo(before.getMetadata().getUid()));
    Cluster.killPod(instance);
    Eventually.instance(instance).isReadyWithoutPod(before);
  }
}
