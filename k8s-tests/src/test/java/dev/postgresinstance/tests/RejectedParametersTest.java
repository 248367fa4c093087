package dev.postgresinstance.tests;

import static dev.postgresinstance.tests.ParametersTest.assertInEffect;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parameters that PostgreSQL rejects, at whatever moment. */
@Order(1)
class RejectedParametersTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void unknownParameterChangesNothing() throws SQLException {
    assertChangesNothing("wal_compresion", "on", "unrecognized configuration parameter");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          work_mem           | much | invalid value for parameter "work_mem": "much"
          max_connections    | many | allowed is integer from 1 to
          checkpoint_timeout | 1s   | allowed is integer from 30 to
          """)
  void invalidValueChangesNothing(String name, String value, String expected) throws SQLException {
    assertChangesNothing(name, value, expected);
  }

  private static void assertChangesNothing(String name, String value, String expected)
      throws SQLException {
    // Given
    Instance orders =
        given.instance("r" + name.replace('_', '-')).parameter("work_mem", "3MB").running();
    Pod before = orders.pod();

    // When
    orders.change(spec -> spec.parameter(name, value).parameter("random_page_cost", "1.5"));

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.PARAMETER_REFUSED))
        .contains(name)
        .contains(expected);
    orders.assertHas(before);
    assertThat(Client.read(orders, "SHOW work_mem")).isEqualTo("3MB");
    assertThat(Client.read(orders, "SHOW random_page_cost")).isEqualTo("4");

    Cluster.killPod(orders);
    Eventually.instance(orders).hasPodOtherThan(before).acceptsLogins();
    assertThat(Client.read(orders, "SHOW work_mem")).isEqualTo("3MB");
    Eventually.instance(orders).isNotReady(Reason.PARAMETER_REFUSED);
  }

  @Test
  void missingLibraryFallsBackToLastWorkingConfiguration() throws SQLException {
    assertFallsBack("shared_preload_libraries", "nope", "could not access file \"nope\"");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          wal_level                      | minimal  | WAL streaming
          superuser_reserved_connections | 500      | superuser_reserved_connections
          shared_buffers                 | 40GB     | more memory than spec.resources.limits.memory
          """)
  void valueThatFailsAtStartFallsBackToLastWorkingConfiguration(
      String name, String value, String expected) throws SQLException {
    assertFallsBack(name, value, expected);
  }

  private static void assertFallsBack(String name, String value, String expected)
      throws SQLException {
    // Given
    Instance orders =
        given
            .instance("s" + name.replace('_', '-'))
            .requests("50m", "128Mi")
            .memoryLimit("256Mi")
            .parameter("work_mem", "3MB")
            .running();
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }

    // When
    orders.change(spec -> spec.parameter(name, value));

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.PARAMETER_REFUSED)).contains(expected);
    Eventually.instance(orders).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    assertThat(Client.read(orders, "SHOW work_mem")).isEqualTo("3MB");
    Pod fallbackPod = orders.pod();

    // A reloadable change still needs no restart, and a restart does not retry the failed value.
    orders.change(spec -> spec.parameter("work_mem", "9MB"));
    Eventually.instance(orders).isNotReady(Reason.PARAMETER_REFUSED);
    Cluster.killPod(orders);
    Eventually.instance(orders).hasPodOtherThan(fallbackPod).acceptsLogins();

    orders.change(spec -> spec.noParameters().parameter("work_mem", "9MB"));
    Eventually.instance(orders).isReady();
    assertInEffect(orders, "work_mem", "9MB");
    assertThat(Client.read(orders, "SELECT note FROM parcel")).isEqualTo("still here");
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.PARAMETER_REFUSED)
  void newInstanceWithInvalidParameterStartsWithoutIt() throws SQLException {
    assertStartsWithout("work_mem", "64M", "invalid value for parameter \"work_mem\": \"64M\"");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          shared_preload_libraries | nope      | could not access file "nope"
          timezone                 | US/Nope   | invalid value for parameter "TimeZone": "US/Nope"
          """)
  void newInstanceWithAnyInvalidParameterStartsWithoutIt(String name, String value, String expected)
      throws SQLException {
    assertStartsWithout(name, value, expected);
  }

  private static void assertStartsWithout(String name, String value, String expected)
      throws SQLException {
    // When: the log of the failed server says nothing
    Instance fresh =
        given
            .instance("n" + name.replace('_', '-'))
            .parameter(name, value)
            .parameter("log_min_messages", "panic")
            .parameter("log_line_prefix", "%t [%p]: [%l-1] db=%d,user=%u,app=%a,client=%h ")
            .applied();

    // Then
    assertThat(Eventually.instance(fresh).isNotReady(Reason.PARAMETER_REFUSED))
        .contains(expected)
        .contains("runs without any of them");
    assertThat(Client.read(fresh, "SELECT 1")).isEqualTo("1");

    // When: another wrong parameter follows
    fresh.change(spec -> spec.noParameters().parameter("wal_compresion", "on"));

    // Then
    Eventually.that(
        "the message is about the other one",
        () ->
            assertThat(fresh.ready().orElseThrow().getMessage())
                .contains("wal_compresion")
                .doesNotContain(expected));

    // When
    fresh.change(spec -> spec.noParameters().parameter("work_mem", "5MB"));

    // Then
    assertInEffect(fresh, "work_mem", "5MB");
    Eventually.instance(fresh).isReady();
  }

  @Test
  void libraryWithWhichNoSessionBeginsIsTakenBack() throws SQLException {
    assertIsTakenBack("session_preload_libraries");
  }

  @Tag("long")
  @Test
  void libraryOfUnprivilegedUsersIsTakenBack() throws SQLException {
    assertIsTakenBack("local_preload_libraries");
  }

  private static void assertIsTakenBack(String name) throws SQLException {
    // Given
    Instance orders =
        given.instance("l" + name.replace('_', '-')).parameter("work_mem", "3MB").running();
    Pod before = orders.pod();

    // When
    orders.change(spec -> spec.parameter(name, "pg_hint_plan").parameter("work_mem", "9MB"));

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.PARAMETER_REFUSED))
        .contains("No login succeeds with it", "pg_hint_plan");
    Eventually.instance(orders).acceptsLogins();
    assertInEffect(orders, "work_mem", "3MB");
    assertThat(Cluster.psql(orders, "SHOW " + name)).isBlank();
    orders.assertHas(before);

    // A restart does not try it again.
    Cluster.killPod(orders);
    Eventually.instance(orders).hasPodOtherThan(before).acceptsLogins();
    Eventually.instance(orders).isNotReady(Reason.PARAMETER_REFUSED);

    // When
    orders.change(spec -> spec.noParameters().parameter("work_mem", "9MB"));

    // Then
    Eventually.instance(orders).isReady();
    assertInEffect(orders, "work_mem", "9MB");
  }

  @Test
  @Tag("long")
  void newInstanceStartsWithoutLibraryWithWhichNoSessionBegins() throws SQLException {
    // When
    Instance young =
        given.instance("young").parameter("session_preload_libraries", "nope").applied();

    // Then
    assertThat(Eventually.instance(young).isNotReady(Reason.PARAMETER_REFUSED)).contains("nope");
    Eventually.instance(young).acceptsLogins();
    young.change(spec -> spec.noParameters());
    Eventually.instance(young).isReady();
  }

  @Test
  @Tag("long")
  void loginThatASettingOfTheRoleRejectsTakesBackNoConfiguration() throws SQLException {
    // Given
    Instance ledger = given.instance("ledger").running();
    ledger.change(spec -> spec.parameter("work_mem", "7MB"));
    assertInEffect(ledger, "work_mem", "7MB");
    Eventually.instance(ledger).isReady();

    // When
    Cluster.psql(ledger, "ALTER ROLE app SET session_preload_libraries = 'nope'");

    // Then
    assertThat(Eventually.instance(ledger).isNotReady(Reason.LOGIN_REFUSED))
        .contains("ALTER ROLE \"app\" RESET ALL");
    Cluster.psql(ledger, "ALTER ROLE app RESET ALL");
    Eventually.instance(ledger).isReady();
    assertThat(Client.read(ledger, "SHOW work_mem")).isEqualTo("7MB");
  }
}
