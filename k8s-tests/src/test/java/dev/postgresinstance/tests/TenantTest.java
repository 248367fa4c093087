package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Condition;
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

/**
 * Changes that prevent logins of the application's role. The operator reports changes of the tenant
 * without reverting them, and repairs what it manages itself.
 */
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
          ALTER ROLE app CONNECTION LIMIT 0                        | ALTER ROLE app CONNECTION LIMIT -1         | TooManyConnections | ALTER ROLE "app" CONNECTION LIMIT -1
          ALTER ROLE app SET local_preload_libraries = 'not_there' | ALTER ROLE app RESET ALL                   | LoginRefused       | could not access file
          """)
  void changeByTenantIsReportedAndNotReverted(
      String change, String reversal, String reason, String expected) {
    assertReportedAndNotReverted(change, reversal, reason, expected);
  }

  @ParameterizedTest(name = "{0}")
  @Tag("long")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          REVOKE CONNECT ON DATABASE app FROM PUBLIC, app          | GRANT CONNECT ON DATABASE app TO PUBLIC    | LoginRefused       | GRANT CONNECT ON DATABASE "app"
          ALTER DATABASE app CONNECTION LIMIT 0                    | ALTER DATABASE app CONNECTION LIMIT -1     | TooManyConnections | ALTER DATABASE "app" CONNECTION LIMIT -1
          ALTER DATABASE app ALLOW_CONNECTIONS false               | ALTER DATABASE app ALLOW_CONNECTIONS true  | LoginRefused       | ALLOW_CONNECTIONS true
          ALTER ROLE app NOLOGIN                                   | ALTER ROLE app LOGIN                       | LoginRefused       | ALTER ROLE "app" LOGIN
          """)
  void furtherChangeByTenantIsReportedAndNotReverted(
      String change, String reversal, String reason, String expected) {
    assertReportedAndNotReverted(change, reversal, reason, expected);
  }

  private static void assertReportedAndNotReverted(
      String change, String reversal, String reason, String expected) {
    // When
    Cluster.psql(shop, change);

    // Then
    String message =
        Eventually.instance(shop)
            .conditionMessage(ConditionType.AVAILABLE, Reason.of(reason).orElseThrow());
    assertThat(message).contains(expected);
    Eventually.instance(shop).hasCondition(ConditionType.CREDENTIALS_IN_SYNC, Reason.PROVEN);

    Cluster.psql(shop, reversal);
    Eventually.instance(shop).isReady().acceptsLogins();
  }

  @Test
  @CoversReasons(Reason.TOO_MANY_CONNECTIONS)
  void operatorConnectsWhenAllConnectionsAreUsed() throws SQLException {
    // Given
    Instance crowded = given.instance("crowded").parameter("max_connections", "20").running();

    // When
    List<Client> sessions = Client.connectUntilFull(crowded);

    // Then
    Eventually.that(
        "all connections are in use when the operator logs in",
        () -> {
          // The operator may have had a session that has since ended.
          sessions.addAll(Client.connectUntilFull(crowded));
          assertThat(crowded.condition(ConditionType.AVAILABLE))
              .get()
              .extracting(Condition::getReason)
              .isEqualTo(Reason.TOO_MANY_CONNECTIONS.word());
        });
    crowded.change(spec -> spec.parameter("work_mem", "6MB"));
    Client session = sessions.getFirst();
    Eventually.that(
        "the new parameter is in effect",
        () -> assertThat(session.read("SHOW work_mem")).isEqualTo("6MB"));
    for (Client client : sessions) {
      client.close();
    }
    Eventually.instance(crowded).isReady();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.DATABASE_MISSING)
  void droppedDatabaseIsRecreatedOnlyOnRequest() throws SQLException {
    // Given
    Instance lost = given.instance("lost").running();
    Cluster.psql(lost, "DROP DATABASE app WITH (FORCE)");
    assertThat(
            Eventually.instance(lost)
                .conditionMessage(ConditionType.AVAILABLE, Reason.DATABASE_MISSING))
        .contains("postgresinstance.dev/recreate-database");
    assertDatabaseStaysMissing(lost);

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

    // Then: the unchanged annotation requests nothing
    Eventually.instance(lost).hasCondition(ConditionType.AVAILABLE, Reason.DATABASE_MISSING);
    assertDatabaseStaysMissing(lost);
  }

  private static void assertDatabaseStaysMissing(Instance instance) {
    Consistently.that(
        "the database is not recreated",
        () ->
            assertThat(Cluster.psql(instance, "SELECT 1 FROM pg_database WHERE datname = 'app'"))
                .isEmpty());
  }

  @Test
  void changedPasswordInDatabaseIsRepaired() {
    // Given
    Instance desk = given.instance("desk").running();

    // When
    Cluster.psql(desk, "ALTER ROLE app PASSWORD 'other' VALID UNTIL '2020-01-01'");

    // Then
    Eventually.instance(desk).acceptsLogins();
    Eventually.instance(desk).isReady();
  }

  @Test
  void droppedRoleIsRecreated() {
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
  @Tag("long")
  void lockedOutOperatorIsReportedAndLogsInAfterNextStart() {
    assertReportedAndLogsInAfterNextStart(
        "locked", "ALTER ROLE pgi_operator PASSWORD 'other' NOLOGIN");
  }

  @Test
  @Tag("long")
  void operatorWithoutRoleIsReportedAndLogsInAfterNextStart() {
    assertReportedAndLogsInAfterNextStart(
        "dropped", "DROP OWNED BY pgi_operator", "DROP ROLE pgi_operator");
  }

  private static void assertReportedAndLogsInAfterNextStart(String name, String... statements) {
    // Given
    Instance instance = given.instance(name).running();
    Pod before = instance.pod();
    for (String statement : statements) {
      Cluster.psql(instance, statement);
    }

    // When
    Eventually.instance(instance).isNotReady(Reason.OPERATOR_LOCKED_OUT);

    // Then
    Eventually.instance(instance).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    Consistently.keepsPod(instance, before);
    Cluster.killPod(instance);
    Eventually.instance(instance).isReadyWithNewPod(before);
  }
}
