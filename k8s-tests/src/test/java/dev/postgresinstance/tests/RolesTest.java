package dev.postgresinstance.tests;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.DatabaseRole;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Payloads;
import dev.postgresinstance.tests.support.TestCluster;
import dev.postgresinstance.tests.support.Verification;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** PostgresRoles: roles in the database of an instance, with their logins in Secrets. */
class RolesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String SOON = "2099-01-31T00:00:00Z";
  private static final String OVER = "2001-01-31T00:00:00Z";

  private static Instance orders;

  @BeforeAll
  static void instanceWithTable() throws SQLException {
    orders = given.instance("orders").running();
    try (Client app = Client.connect(orders)) {
      app.execute("CREATE SCHEMA sales");
      app.execute("CREATE TABLE sales.items AS SELECT 1 AS n");
    }
  }

  private static String psql(String sql) {
    return Cluster.psql(orders, sql);
  }

  /** A value of the role in the catalog, or nothing if there is no such role. */
  private static String catalog(String column, String role) {
    return psql(
        "SELECT %s FROM pg_roles WHERE rolname = '%s'".formatted(column, role.replace("'", "''")));
  }

  @Test
  @CoversReasons(Reason.ROLE_READY)
  void roleLogsInWithItsSecretAndHasWhatTheSpecSays() throws SQLException {
    // Given
    DatabaseRole reader =
        DatabaseRole.create(orders, "sales-reader", Map.of("name", "sales_reader", "login", false));
    reader.isReady();
    try (Client app = Client.connect(orders)) {
      app.execute("GRANT USAGE ON SCHEMA sales TO sales_reader");
      app.execute("GRANT SELECT ON sales.items TO sales_reader");
    }

    // When
    DatabaseRole dashboard =
        DatabaseRole.create(
            orders,
            "dashboard",
            Map.ofEntries(
                entry("memberOf", List.of("sales_reader")),
                entry("connectionLimit", 1),
                entry("validUntil", SOON),
                entry(
                    "parameters",
                    Map.of("statement_timeout", "30s", "search_path", "\"$user\", sales"))));
    dashboard.isReady();

    // Then
    assertThat(reader.secret()).isNull();
    assertThat(dashboard.resource().getMetadata().getFinalizers()).isEmpty();
    assertThat(dashboard.resource().getStatus().binding().name()).isEqualTo("dashboard-role");
    assertThat(dashboard.credentials().keySet()).isEqualTo(orders.credentials().keySet());
    try (Client client =
        Client.connect(
            "%s&sslmode=verify-full&sslrootcert=%s&channelBinding=require"
                .formatted(
                    dashboard.credentials().get("external-jdbc-url"),
                    Verification.authority(orders)))) {
      assertThat(client.read("SELECT n FROM items")).isEqualTo("1");
      assertThat(client.read("SHOW statement_timeout")).isEqualTo("30s");
      assertThatThrownBy(() -> client.execute("INSERT INTO items VALUES (2)"))
          .hasMessageContaining("permission denied");
      assertThatThrownBy(dashboard::connect).hasMessageContaining("too many connections for role");
    }
    assertThat(catalog("rolvaliduntil = '" + SOON + "'", "dashboard")).isEqualTo("t");
    assertThat(catalog("rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls", "dashboard"))
        .isEqualTo("f");

    // When
    dashboard.apply(Map.of("parameters", Map.of("work_mem", "8MB")));
    dashboard.isReady();

    // Then
    assertThat(catalog("rolconfig", "dashboard")).isEqualTo("{work_mem=8MB}");
    assertThat(catalog("rolconnlimit, rolvaliduntil", "dashboard")).isEqualTo("-1|infinity");
    assertThat(psql("SELECT count(*) FROM pg_auth_members WHERE member = 'dashboard'::regrole"))
        .isEqualTo("0");
  }

  @Test
  @CoversReasons(events = EventReason.ROLE_CORRECTED)
  void whatSomebodyElseChangesIsCorrectedAndTold() throws SQLException {
    // Given
    DatabaseRole.create(orders, "crew", Map.of("login", false)).isReady();
    DatabaseRole.create(orders, "beyond", Map.of("login", false)).isReady();
    DatabaseRole sailor =
        DatabaseRole.create(
            orders,
            "sailor",
            Map.of("memberOf", List.of("crew"), "parameters", Map.of("work_mem", "8MB")));
    sailor.isReady();

    // When: in one transaction, because the operator may look at any moment
    psql(
        """
        ALTER ROLE sailor CONNECTION LIMIT 3 VALID UNTIL '%s';
        REVOKE crew FROM sailor GRANTED BY pgi_operator;
        GRANT beyond TO sailor;
        ALTER ROLE sailor SET work_mem = '1MB';
        ALTER ROLE sailor SET statement_timeout = '9s';
        """
            .formatted(SOON));

    // Then
    sailor.isCorrected("its connection limit was 3");
    assertThat(sailor.resource().getStatus().lastCorrection().message())
        .contains("valid until", "no member of crew", "work_mem was 1MB");
    assertThat(catalog("rolconfig", "sailor")).contains("work_mem=8MB", "statement_timeout=9s");
    assertThat(catalog("pg_has_role(oid, 'beyond', 'MEMBER')", "sailor")).isEqualTo("t");

    // When
    psql("ALTER ROLE sailor NOLOGIN");

    // Then
    sailor.isCorrected("could not log in");

    // When
    psql("ALTER ROLE sailor PASSWORD 'another'");

    // Then
    sailor.isCorrected("another password");
    sailor.connect().close();

    // When
    psql("DROP ROLE sailor");

    // Then
    sailor.isCorrected("it was missing");
    sailor.isReady().connect().close();
  }

  @Test
  @CoversReasons(Reason.ALREADY_EXISTS)
  void existingRoleIsLeftAloneUntilItIsAccepted() throws SQLException {
    // Given
    psql("CREATE ROLE legacy LOGIN CONNECTION LIMIT 7 PASSWORD 'known'");
    psql("COMMENT ON ROLE legacy IS 'by hand'");

    // When
    DatabaseRole legacy = DatabaseRole.create(orders, "legacy", Map.of());
    String message = legacy.eventually(Reason.ALREADY_EXISTS);

    // Then
    assertThat(legacy.secret()).isNull();
    String oid = catalog("oid", "legacy");
    assertThat(message).contains("GRANT \"legacy\" TO pgi_operator", "accept-role=" + oid);
    Client.connect(orders.resource().getStatus().endpoints().address(), "app", "legacy", "known")
        .close();

    // When
    legacy.annotate("postgresinstance.dev/accept-role", oid);
    psql("GRANT legacy TO pgi_operator WITH ADMIN TRUE, INHERIT FALSE, SET FALSE");
    legacy.isReady();

    // Then
    legacy.connect().close();
    assertThat(catalog("rolconnlimit", "legacy")).isEqualTo("7");
    assertThat(catalog("shobj_description(oid, 'pg_authid')", "legacy")).startsWith("by hand");
  }

  @Test
  void olderOfTwoResourcesHasTheRole() {
    // Given
    DatabaseRole older = DatabaseRole.create(orders, "older", Map.of("name", "shared"));
    older.isReady();

    // When
    DatabaseRole younger = DatabaseRole.create(orders, "younger", Map.of("name", "shared"));

    // Then
    assertThat(younger.eventually(Reason.CONFLICT)).contains("older");
    assertThat(younger.secret()).isNull();

    // When
    older.delete();

    // Then
    younger.isReady();
  }

  @Test
  void policyDecidesWhetherTheRoleGoesWithItsResource() throws SQLException {
    // Given
    Map<String, Object> delete = Map.of("deletionPolicy", "Delete");
    DatabaseRole kept = DatabaseRole.create(orders, "kept", Map.of()).isReady();
    DatabaseRole dropped = DatabaseRole.create(orders, "dropped", delete).isReady();
    DatabaseRole owner = DatabaseRole.create(orders, "owner", delete).isReady();
    try (Client app = Client.connect(orders)) {
      app.execute("CREATE SCHEMA work");
      app.execute("GRANT ALL ON SCHEMA work TO owner");
    }
    try (Client client = owner.connect()) {
      client.execute("CREATE TABLE work.precious AS SELECT 1 AS n");
    }

    // When
    kept.delete();
    dropped.delete();
    owner.delete();

    // Then
    Eventually.that("the role is dropped", () -> assertThat(catalog("1", "dropped")).isEmpty());
    assertThat(catalog("rolcanlogin", "kept")).isEqualTo("t");
    Eventually.that(
        "the instance tells which role owns objects",
        () ->
            assertThat(orders.ready().orElseThrow().getMessage())
                .contains("RoleOwnsObjects: role owner", "in database app"));
    assertThat(catalog("rolcanlogin", "owner")).isEqualTo("f");
    assertThat(Client.read(orders, "SELECT to_regclass('work.precious') IS NOT NULL"))
        .isEqualTo("t");

    // When
    Cluster.exec(orders, "psql", "-U", "postgres", "-d", "app", "-c", "DROP OWNED BY owner");

    // Then
    Eventually.that("the role is dropped", () -> assertThat(catalog("1", "owner")).isEmpty());
    Eventually.that(
        "the instance tells nothing more",
        () -> assertThat(orders.ready().orElseThrow().getMessage()).doesNotContain("RoleOwns"));

    // When
    DatabaseRole returned = DatabaseRole.create(orders, "kept", delete);

    // Then
    returned.isReady().connect().close();
  }

  @Test
  @CoversReasons({Reason.ROLE_REFUSED, Reason.ROLE_EXPIRED})
  void whatIsRefusedHasASentence() {
    // Given
    psql("CREATE ROLE powerful CREATEROLE NOLOGIN");
    psql("CREATE ROLE foreign_group NOLOGIN");

    // Then
    refused("r-owner", Map.of("name", "app"), "spec.username");
    refused("r-member-of-owner", Map.of("memberOf", List.of("app")), "memberOf names app");
    refused("r-powerful", Map.of("memberOf", List.of("powerful")), "memberOf names powerful");
    refused("r-missing", Map.of("memberOf", List.of("nobody")), "no such role");
    refused(
        "r-foreign",
        Map.of("memberOf", List.of("foreign_group")),
        "GRANT \"foreign_group\" TO pgi_operator");
    refused(
        "r-superuser-only", Map.of("parameters", Map.of("log_statement", "none")), "log_statement");
    refused("r-no-parameter", Map.of("parameters", Map.of("work_mem", "much")), "work_mem");
    assertThat(
            DatabaseRole.create(orders, "r-over", Map.of("validUntil", OVER))
                .eventually(Reason.ROLE_EXPIRED))
        .contains(OVER);
    assertThat(
            DatabaseRole.create(
                    orders, "r-secret", Map.of("passwordSecretRef", Map.of("name", "nowhere")))
                .eventually(Reason.PASSWORD_SECRET_INVALID))
        .contains("nowhere");
  }

  private static void refused(String name, Map<String, Object> spec, String words) {
    assertThat(DatabaseRole.create(orders, name, spec).eventually(Reason.ROLE_REFUSED))
        .contains(words);
  }

  @Test
  void passwordIsRotatedOrTakenFromTheSecretOfTheUser() throws SQLException {
    // Given
    DatabaseRole worker = DatabaseRole.create(orders, "worker", Map.of()).isReady();
    String first = worker.credentials().get("password");

    // When
    worker.annotate("postgresinstance.dev/rotate-password", "1");

    // Then
    Eventually.that(
        "a new password is published",
        () -> assertThat(worker.credentials().get("password")).isNotEqualTo(first));
    Eventually.that("the new password logs in", () -> worker.connect().close());

    // Given
    given.object(
        new SecretBuilder()
            .withNewMetadata()
            .withName("mine")
            .endMetadata()
            .addToStringData("password", "a password of my own")
            .build());

    // When
    worker.apply(Map.of("passwordSecretRef", Map.of("name", "mine")));

    // Then
    worker.isReady().connect().close();
    assertThat(worker.credentials()).containsEntry("password", "a password of my own");

    // When
    TestCluster.client().resource(worker.secret()).delete();

    // Then
    Eventually.that("the Secret is there again", () -> worker.connect().close());
  }

  @Test
  @CoversReasons(Reason.ROLE_PENDING)
  void roleWaitsForItsInstanceAndDoesNotHoldItsDeletion() throws SQLException {
    // Given
    Instance later = given.instance("later").suspend(true).applied();
    DatabaseRole early = DatabaseRole.create(later, "early", Map.of("deletionPolicy", "Delete"));
    assertThat(early.eventually(Reason.ROLE_PENDING)).contains("suspended");

    // When
    later.change(builder -> builder.suspend(false));

    // Then
    early.isReady().connect().close();

    // When
    later.delete();

    // Then
    assertThat(early.eventually(Reason.ROLE_PENDING)).contains("later");
    early.delete();
  }

  @Test
  void namesAndValuesAreTakenLiterally() throws SQLException {
    // Given
    List<DatabaseRole> roles = new ArrayList<>();
    List<String> payloads = Payloads.lines();

    // When
    for (int i = 0; i < payloads.size(); i++) {
      String payload = payloads.get(i);
      DatabaseRole.create(orders, "group-" + i, Map.of("name", "g" + payload, "login", false));
      roles.add(
          DatabaseRole.create(
              orders,
              "payload-" + i,
              Map.of(
                  "name",
                  payload,
                  "memberOf",
                  List.of("g" + payload),
                  "parameters",
                  Map.of("application_name", payload, "search_path", payload),
                  "deletionPolicy",
                  "Delete")));
    }

    // Then
    for (int i = 0; i < payloads.size(); i++) {
      try (Client client = roles.get(i).isReady().connect()) {
        assertThat(client.read("SELECT current_user")).isEqualTo(payloads.get(i));
      }
      assertThat(catalog("array_to_string(rolconfig, '|')", payloads.get(i)))
          .contains("application_name=" + payloads.get(i));
    }
    assertThat(psql("SELECT count(*) FROM pg_roles WHERE rolname = 'pwned'")).isEqualTo("0");
    assertThat(Cluster.exec(orders, "ls", "/tmp")).doesNotContain("pwned");

    // When
    roles.forEach(DatabaseRole::delete);

    // Then
    for (String payload : payloads) {
      Eventually.that(payload + " is dropped", () -> assertThat(catalog("1", payload)).isEmpty());
    }
  }
}
