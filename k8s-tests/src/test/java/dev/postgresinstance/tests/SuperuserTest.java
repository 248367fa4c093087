package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Superuser access over the network, only while the spec enables it. */
@Order(1)
class SuperuserTest {

  /** SQLSTATE of a login without connection, or to a server that is still starting. */
  private static final Pattern NOT_YET = Pattern.compile("08...|57P03");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void superuserLogsInWhenAccessIsEnabled() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();
    Pod before = desk.pod();

    // When
    desk.change(spec -> spec.superuserAccess(true));

    // Then: Ready means that the login works
    Eventually.instance(desk).isReady();
    Map<String, String> published = Instance.decoded(desk.superuserSecret());
    assertThat(published)
        .containsEntry("username", "postgres")
        .containsEntry("database", "postgres")
        .containsKeys("uri", "jdbc-uri", "external-uri", "pgpass");
    try (Client superuser = Client.connect(published.get("external-jdbc-uri"))) {
      assertThat(superuser.read("SELECT current_setting('is_superuser')")).isEqualTo("on");
    }
    assertThat(Cluster.current(before)).isNotNull();
  }

  @Test
  void disablingAccessEndsSessionsAndRemovesSecret() throws SQLException {
    // Given
    Instance till = given.instance("till").superuserAccess(true).running();
    String uri = Instance.decoded(till.superuserSecret()).get("external-jdbc-uri");
    Pod before = till.pod();
    try (Client session = Client.connect(uri);
        Client application = Client.connect(till)) {

      // When
      till.change(spec -> spec.superuserAccess(false));

      // Then
      Eventually.that(
          "the superuser session has ended",
          () ->
              assertThatThrownBy(() -> session.read("SELECT 1")).isInstanceOf(SQLException.class));
      assertThatThrownBy(() -> Client.connect(uri))
          .hasMessageContaining("pg_hba.conf rejects connection");
      Eventually.that("the Secret is gone", () -> assertThat(till.superuserSecret()).isNull());
      assertThat(application.read("SELECT 1")).isEqualTo("1");
    }
    Eventually.instance(till).isReady().acceptsLogins();
    till.assertHas(before);
    assertThat(hasNoPassword(till)).isTrue();
  }

  @Test
  @Tag("long")
  void accessDisabledWhileSuspendedIsRejectedFromTheStart() {
    // Given
    Instance attic = given.instance("attic").superuserAccess(true).running();
    String uri = Instance.decoded(attic.superuserSecret()).get("external-jdbc-uri");
    attic.change(spec -> spec.suspend(true));
    Eventually.instance(attic).isReadyFor(Reason.SUSPENDED);

    // When
    attic.change(spec -> spec.superuserAccess(false));

    // Then: from the first response of the server on
    Eventually.that("the Secret is gone", () -> assertThat(attic.superuserSecret()).isNull());
    attic.change(spec -> spec.suspend(false));
    assertThat(firstResponse(uri)).contains("pg_hba.conf rejects connection");
    Eventually.instance(attic).isReady().acceptsLogins();
    assertThatThrownBy(() -> Client.connect(uri))
        .hasMessageContaining("pg_hba.conf rejects connection");
    assertThat(hasNoPassword(attic)).isTrue();
  }

  @Test
  @Tag("long")
  void manuallySetPasswordGivesNoAccess() {
    // Given
    Instance safe = given.instance("safe").running();

    // When
    Cluster.psql(safe, "ALTER ROLE postgres PASSWORD 'by hand'");

    // Then
    assertThatThrownBy(
            () ->
                Client.connect(
                    safe.resource().getStatus().endpoints().address(),
                    "postgres",
                    "postgres",
                    "by hand"))
        .hasMessageContaining("pg_hba.conf rejects connection");
  }

  @Test
  void secretAlwaysContainsWorkingPassword() throws SQLException {
    // Given
    Instance vault = given.instance("vault").superuserAccess(true).running();

    // When
    Cluster.editPassword(vault.superuserSecret(), "my own");

    // Then
    Eventually.that("the new password logs in", () -> connectAsSuperuser(vault, "my own").close());
    Cluster.psql(vault, "ALTER ROLE postgres PASSWORD 'another'");
    Eventually.that(
        "the password logs in again", () -> connectAsSuperuser(vault, "my own").close());

    Cluster.delete(vault.superuserSecret());
    Eventually.that(
        "another Secret is created",
        () ->
            assertThat(Instance.decoded(vault.superuserSecret()).get("password"))
                .isNotEqualTo("my own"));
    connectAsSuperuser(vault, Instance.decoded(vault.superuserSecret()).get("password")).close();
    assertThatThrownBy(() -> connectAsSuperuser(vault, "my own"))
        .hasMessageContaining("password authentication failed");
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.SUPERUSERS_FOUND)
  void otherSuperusersAreNamed() {
    // Given
    Instance shop = given.instance("shop").running();

    // When
    Cluster.psql(shop, "CREATE ROLE \"the other\" SUPERUSER LOGIN PASSWORD 'secret'");

    // Then
    assertThat(
            Eventually.instance(shop)
                .conditionMessage(ConditionType.OTHER_SUPERUSERS, Reason.SUPERUSERS_FOUND))
        .contains("\"the other\"", "NOSUPERUSER");
    Eventually.instance(shop).isReady();

    Cluster.psql(shop, "ALTER ROLE \"the other\" NOSUPERUSER");
    Eventually.instance(shop).hasNoCondition(ConditionType.OTHER_SUPERUSERS);
  }

  @Test
  @Tag("long")
  @CoversReasons({Reason.SUPERUSER_REFUSED, Reason.RUNNING})
  void failedSuperuserLoginIsReported() {
    // Given
    Instance late = given.instance("late").superuserAccess(true).running();
    changeSettingsOfSuperuser(late, "SET local_preload_libraries = 'none-such'");
    assertThat(Eventually.instance(late).isNotReady(Reason.SUPERUSER_REFUSED))
        .contains("late-superuser", "none-such");

    // When
    changeSettingsOfSuperuser(late, "RESET ALL");

    // Then
    Eventually.instance(late).isReady();
  }

  /** Connects to another database, because the settings may prevent logins to this one. */
  private static void changeSettingsOfSuperuser(Instance instance, String change) {
    String sql = "ALTER ROLE postgres IN DATABASE postgres " + change;
    Cluster.exec(instance, "psql", "-U", "postgres", "-d", "template1", "-Xc", sql);
  }

  /** The first response of a starting server to a login, once it handles logins. */
  private static String firstResponse(String uri) {
    return Eventually.nonNull(
        "a server that handles logins",
        () -> {
          try {
            Client.connect(uri).close();
            return "logged in";
          } catch (SQLException e) {
            return NOT_YET.matcher(e.getSQLState()).matches() ? null : e.getMessage();
          }
        });
  }

  private static boolean hasNoPassword(Instance instance) {
    return Cluster.psql(
            instance, "SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = 'postgres'")
        .equals("t");
  }

  private static Client connectAsSuperuser(Instance instance, String password) throws SQLException {
    return Client.connect(
        instance.resource().getStatus().endpoints().address(), "postgres", "postgres", password);
  }
}
