package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.CredentialRepair;
import dev.postgresinstance.operator.feature.roles.database.RoleFinding;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Exists;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Expired;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.NotGrantable;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.feature.roles.database.RoleRequest;
import dev.postgresinstance.operator.feature.roles.database.RolesFindings;
import dev.postgresinstance.operator.feature.roles.database.RolesRequest;
import dev.postgresinstance.operator.feature.roles.database.RolesTask;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.LoginMonitor;
import dev.postgresinstance.operator.sql.LoginRequest;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The roles of PostgresRoles on a server with the operator's role as the start script creates it,
 * in a container of the real image. Needs only docker.
 */
@Execution(ExecutionMode.SAME_THREAD)
class RolesOnServerTest {

  private static final String PASSWORD = "of the role";
  private static final String INSTANCE = "0c1a7a5e-orders";

  private static Workbench workbench;
  private static TestVolume volume;
  private static TestServer server;

  private final LoginMonitor<String> logins =
      new LoginMonitor<>(key -> {}, () -> true, (key, login) -> login.get());

  @BeforeAll
  static void startServer() {
    Docker.makeSureOfImage();
    workbench = new Workbench();
    volume = workbench.emptyVolume();
    server =
        volume
            .pod()
            .reachable()
            .roles(TestPod.rolesWith(TestPod.APP_PASSWORD))
            .start()
            .awaitReady();
  }

  @AfterAll
  static void end() {
    if (volume != null) {
      volume.close();
    }
    workbench.close();
  }

  @AfterEach
  void endLogins() {
    logins.close();
  }

  @Test
  void createsRolesWithMembershipsAndParameters() {
    // Given
    RoleRequest group = role("group", Map.of("login", false));
    RoleRequest member =
        role(
            "member",
            Map.of(
                "memberOf", List.of("group"),
                "connectionLimit", 3,
                "validUntil", Instant.parse("2099-01-31T00:00:00Z"),
                "parameters",
                    Map.of("statement_timeout", "30s", "search_path", "\"$user\", Sales, public")));

    // When
    RolesFindings found = settled(group, member);

    // Then
    assertThat(outcomes(found)).containsOnly(new Settled());
    assertThat(server.query("member", PASSWORD, "app", "SELECT current_user")).isEqualTo("member");
    assertThat(server.query("member", PASSWORD, "app", "SHOW search_path"))
        .isEqualTo("\"$user\", sales, public");
    assertThat(catalog("rolconnlimit, rolvaliduntil, rolcanlogin", "member"))
        .isEqualTo("3|2099-01-31 00:00:00+00|t");
    assertThat(catalog("pg_has_role(oid, 'group', 'USAGE')", "member")).isEqualTo("t");
    assertThat(server.log()).doesNotContain("SCRAM-SHA-256$");

    // When
    RolesFindings changed = settled(group, role("member", Map.of()));

    // Then
    assertThat(outcomes(changed)).containsOnly(new Settled());
    assertThat(catalog("rolconnlimit, rolvaliduntil, rolconfig", "member"))
        .isEqualTo("-1|infinity|");
    assertThat(catalog("pg_has_role(oid, 'group', 'MEMBER')", "member")).isEqualTo("f");
    assertThat(changed.roles().get("uid-member").action()).isPresent();
  }

  @Test
  void takesBackWhatOthersChangeAndLeavesWhatTheyAdd() {
    // Given
    RoleRequest team = role("team", Map.of("login", false));
    RoleRequest worker =
        role(
            "worker", Map.of("memberOf", List.of("team"), "parameters", Map.of("work_mem", "8MB")));
    settled(team, worker);
    superuser(
        "CREATE ROLE beyond",
        "GRANT beyond TO worker",
        "REVOKE team FROM worker" + (isBefore16() ? "" : " GRANTED BY pgi_operator"),
        "ALTER ROLE worker NOLOGIN CONNECTION LIMIT 2",
        "ALTER ROLE worker SET work_mem = '1MB'",
        "ALTER ROLE worker SET statement_timeout = '9s'",
        "ALTER ROLE worker PASSWORD 'another'");

    // When
    logins.forget("orders");
    RolesFindings found = settled(team, worker);

    // Then
    assertThat(outcomes(found)).containsOnly(new Settled());
    assertThat(found.roles().get("uid-worker").action().orElseThrow().message())
        .contains(
            "it could not log in",
            "its connection limit was 2",
            "it was no member of team",
            "its parameter work_mem was 1MB");
    assertThat(catalog("rolconfig", "worker")).contains("work_mem=8MB", "statement_timeout=9s");
    assertThat(catalog("pg_has_role(oid, 'beyond', 'MEMBER')", "worker")).isEqualTo("t");
    assertThat(server.query("worker", PASSWORD, "app", "SELECT 1")).isEqualTo("1");
  }

  @Test
  void leavesExistingRoleAloneUntilSuperuserAndUserAcceptIt() {
    // Given
    superuser(
        "CREATE ROLE legacy LOGIN CONNECTION LIMIT 7 PASSWORD 'known'",
        "COMMENT ON ROLE legacy IS 'by hand'");
    String oid = catalog("oid", "legacy");

    // Then
    assertThat(outcomes(settled(role("legacy", Map.of())))).containsOnly(new Exists(oid, false));
    RoleRequest accepted = role("legacy", Map.of("accepted", oid));
    assertThat(outcomes(settled(accepted))).containsOnly(new Exists(oid, false));
    assertThat(server.query("legacy", "known", "app", "SELECT 1")).isEqualTo("1");

    // When
    superuser("GRANT legacy TO pgi_operator WITH ADMIN OPTION");
    logins.forget("orders");
    RolesFindings found = settled(accepted);

    // Then
    assertThat(outcomes(found)).containsOnly(new Settled());
    assertThat(server.query("legacy", PASSWORD, "app", "SELECT 1")).isEqualTo("1");
    assertThat(catalog("rolconnlimit", "legacy")).isEqualTo("7");
    assertThat(catalog("shobj_description(oid, 'pg_authid')", "legacy")).startsWith("by hand\n");

    // When
    superuser("ALTER ROLE legacy VALID UNTIL '-infinity'");
    logins.forget("orders");

    // Then
    assertThat(outcomes(settled(accepted))).containsOnly(new Expired());
  }

  @Test
  void refusesWhatCrossesTheBoundaryBetweenUsers() {
    // Given
    superuser(
        "CREATE ROLE creator CREATEROLE",
        "CREATE ROLE spy",
        "GRANT pg_read_all_data TO spy",
        "CREATE ROLE of_others",
        "CREATE ROLE root SUPERUSER");

    // Then
    assertThat(refusal(role("a", Map.of("memberOf", List.of("creator"))))).contains("creator");
    assertThat(refusal(role("b", Map.of("memberOf", List.of("spy"))))).contains("spy");
    assertThat(refusal(role("c", Map.of("memberOf", List.of("app"))))).contains("app");
    assertThat(refusal(role("d", Map.of("memberOf", List.of("pg_monitor"))))).contains("pg_mon");
    assertThat(refusal(role("e", Map.of("memberOf", List.of("nobody"))))).contains("no such role");
    assertThat(outcomes(settled(role("f", Map.of("memberOf", List.of("of_others"))))))
        .containsOnly(new NotGrantable("of_others"));
    assertThat(refusal(role("root", Map.of()))).contains("superuser");
    assertThat(refusal(role("g", Map.of("parameters", Map.of("log_statement", "none")))))
        .contains("log_statement");
    assertThat(refusal(role("h", Map.of("parameters", Map.of("work_mem", "much")))))
        .contains("work_mem");
    assertThat(outcomes(settled(role("i", Map.of("validUntil", Instant.EPOCH)))))
        .containsOnly(new Expired());
    assertThat(catalog("rolcanlogin", "h")).isEqualTo("t");
  }

  @Test
  void dropsRoleOfDeletedResourceOnceNothingDependsOnIt() {
    // Given
    settled(
        role("empty", Map.of("drop", true)),
        role("owner", Map.of("drop", true)),
        role("retained", Map.of()));
    superuser("GRANT CREATE ON DATABASE app TO owner");
    server.query("owner", PASSWORD, "app", "CREATE SCHEMA precious");

    // When: only the cache lacks the resources
    RolesFindings unconfirmed = found(request(), RolesFindings::complete);

    // Then
    assertThat(unconfirmed.unconfirmed()).containsKeys("uid-empty", "uid-owner");
    assertThat(catalog("rolcanlogin", "empty")).isEqualTo("t");
    assertThat(catalog("rolcanlogin", "owner")).isEqualTo("t");

    // When
    RolesFindings found = settled();

    // Then
    assertThat(catalog("1", "empty")).isEmpty();
    assertThat(catalog("rolcanlogin", "retained")).isEqualTo("t");
    assertThat(catalog("rolcanlogin", "owner")).isEqualTo("f");
    assertThat(found.kept()).containsOnlyKeys("owner");
    assertThat(found.kept().get("owner").owns()).isTrue();
    assertThat(found.kept().get("owner").why()).contains("in database app");

    // When
    server.exec("psql -U postgres -d app -c 'DROP OWNED BY owner'");
    logins.forget("orders");
    RolesFindings after = settled();

    // Then
    assertThat(after.kept()).isEmpty();
    assertThat(catalog("1", "owner")).isEmpty();
  }

  @Test
  void takesNoRoleOfAnotherInstanceForOneToDrop() {
    // Given: a clone has the roles of its original
    settled(role("cloned", Map.of("drop", true)));

    // When
    settled(new RolesRequest("clone", "app", "app", Set.of(), List.of()));

    // Then
    assertThat(catalog("1", "cloned")).isEqualTo("1");

    // When: a PostgresRole of the clone names it
    RoleRequest again =
        new RoleRequest(
            "uid-of-the-clone",
            "again",
            "cloned",
            true,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            new TreeMap<>(),
            Optional.of(new Role("cloned", "new")),
            Optional.empty(),
            false);
    RolesFindings found =
        found(
            new RolesRequest("clone", "app", "app", Set.of(again.uid()), List.of(again)),
            RolesFindings::complete);

    // Then
    assertThat(outcomes(found)).containsOnly(new Settled());
    assertThat(server.query("cloned", "new", "app", "SELECT 1")).isEqualTo("1");
  }

  @Test
  void waitsForTheTransactionThatHoldsTheRole() throws SQLException {
    // Given
    settled(role("holder", Map.of()));
    RoleRequest changed = role("holder", Map.of("parameters", Map.of("work_mem", "8MB")));
    try (Connection holder = transaction("holder", PASSWORD);
        Statement statement = holder.createStatement()) {
      statement.execute("ALTER ROLE CURRENT_USER SET work_mem = '1MB'");

      // When
      RolesFindings held = found(request(changed), findings -> true);

      // Then: tasks after this one have run, too
      assertThat(outcomes(held)).singleElement().isInstanceOf(Waiting.class);
      assertThat(outcomes(held).toString()).contains("transaction");
      assertThat(held.complete()).isFalse();
    }

    // Then
    assertThat(outcomes(settled(changed))).containsOnly(new Settled());
    assertThat(catalog("rolconfig", "holder")).contains("work_mem=8MB");
  }

  @Test
  void dropsTheRoleAfterTheTransactionThatGrantsItSomething() throws SQLException {
    // Given
    settled(role("grantee", Map.of("drop", true)));
    try (Connection owner = transaction("app", TestPod.APP_PASSWORD);
        Statement statement = owner.createStatement()) {
      statement.execute("CREATE TABLE reports ()");
      statement.execute("GRANT SELECT ON reports TO grantee");

      // When
      RolesFindings held =
          found(
              request(),
              findings -> {
                logins.request("orders", RolesTask.ownerIsGone("uid-grantee"));
                return findings.kept().containsKey("grantee");
              });

      // Then
      assertThat(held.kept().get("grantee").why()).contains("transaction");
      assertThat(catalog("rolcanlogin", "grantee")).isEqualTo("f");
    }

    // When
    RolesFindings found = settled();

    // Then
    assertThat(found.kept()).doesNotContainKey("grantee");
    assertThat(catalog("1", "grantee")).isEmpty();
  }

  @Test
  void takesNamesAndValuesLiterally() {
    // Given
    List<String> payloads =
        List.of(
            "'; CREATE ROLE pwned SUPERUSER; --",
            "\"; CREATE ROLE pwned SUPERUSER; --",
            "\\'; CREATE ROLE pwned SUPERUSER; --",
            "$pgi$; CREATE ROLE pwned; --",
            "x\", \"uid\": \"y",
            "postgresinstance.dev/role {}",
            "ünï cødé %s %n");
    RoleRequest[] roles =
        payloads.stream()
            .flatMap(
                payload ->
                    Stream.of(
                        role("g" + payload, Map.of("login", false)),
                        role(
                            payload,
                            Map.of(
                                "memberOf",
                                List.of("g" + payload),
                                "parameters",
                                Map.of("application_name", "x'" + payload, "search_path", payload),
                                "drop",
                                true))))
            .toArray(RoleRequest[]::new);

    // When
    RolesFindings found = settled(roles);

    // Then
    assertThat(outcomes(found)).containsOnly(new Settled());
    assertThat(found.roles().values().stream().map(RoleFinding::oid))
        .doesNotContain(Optional.empty());
    assertThat(catalog("1", "pwned")).isEmpty();

    // When
    settled();

    // Then
    assertThat(
            superuser("SELECT count(*) FROM pg_roles WHERE rolname LIKE '%pwned%' AND rolcanlogin"))
        .isEqualTo("0");
  }

  @Test
  void setsMoreRolesThanOneSessionHasTimeFor() {
    // Given
    RoleRequest[] roles =
        IntStream.range(0, 200)
            .mapToObj(i -> role("many_" + i, Map.of()))
            .toArray(RoleRequest[]::new);

    // When
    RolesFindings found = settled(roles);

    // Then
    assertThat(outcomes(found)).hasSize(200).containsOnly(new Settled());
  }

  private String refusal(RoleRequest role) {
    return switch (settled(role).roles().get(role.uid()).outcome()) {
      case Refused(String message) -> message;
      case RoleOutcome other -> throw new AssertionError("not refused: " + other);
    };
  }

  private static List<RoleOutcome> outcomes(RolesFindings found) {
    return found.roles().values().stream().map(RoleFinding::outcome).toList();
  }

  private static RoleRequest role(String name, Map<String, Object> spec) {
    boolean login = (boolean) spec.getOrDefault("login", true);
    return new RoleRequest(
        "uid-" + name,
        "resource",
        name,
        login,
        texts(spec.get("memberOf")),
        Optional.ofNullable((Integer) spec.get("connectionLimit")),
        Optional.ofNullable((Instant) spec.get("validUntil")),
        new TreeMap<>(parameters(spec.get("parameters"))),
        login ? Optional.of(new Role(name, PASSWORD)) : Optional.empty(),
        Optional.ofNullable((String) spec.get("accepted")),
        (boolean) spec.getOrDefault("drop", false));
  }

  private static List<String> texts(Object list) {
    return list instanceof List<?> texts
        ? texts.stream().map(String.class::cast).toList()
        : List.of();
  }

  private static Map<String, String> parameters(Object map) {
    return map instanceof Map<?, ?> parameters
        ? parameters.entrySet().stream()
            .collect(Collectors.toMap(e -> e.getKey().toString(), e -> e.getValue().toString()))
        : Map.of();
  }

  /**
   * Waits until a session has looked at exactly these roles, and tried all logins. The API server
   * has no other PostgresRoles.
   */
  private RolesFindings settled(RoleRequest... roles) {
    return settled(request(roles));
  }

  private RolesFindings settled(RolesRequest request) {
    return found(
        request,
        findings -> {
          findings.unconfirmed().keySet().stream()
              .map(RolesTask::ownerIsGone)
              .forEach(gone -> logins.request("orders", gone));
          return findings.complete() && findings.unconfirmed().isEmpty();
        });
  }

  private static RolesRequest request(RoleRequest... roles) {
    return new RolesRequest(
        INSTANCE,
        "app",
        "app",
        Stream.of(roles).map(RoleRequest::uid).collect(Collectors.toSet()),
        List.of(roles));
  }

  private RolesFindings found(RolesRequest request, Predicate<RolesFindings> expected) {
    LoginRequest login =
        new LoginRequest(
            "container",
            "127.0.0.1",
            server.port(),
            Optional.empty(),
            "app",
            new Role("app", TestPod.APP_PASSWORD),
            new Role(Names.OPERATOR_ROLE, TestPod.OPERATOR_PASSWORD),
            new CredentialRepair(true),
            List.of(new RolesTask(request), new LaterTask()));
    return Awaitility.await()
        .atMost(TestServer.PATIENCE)
        .until(
            () ->
                Optional.of(logins.lastResult("orders", login).findings())
                    .filter(findings -> findings.get(LaterTask.RAN).isPresent())
                    .flatMap(findings -> findings.get(RolesFindings.ROLES))
                    .filter(found -> found.request().equals(request))
                    .filter(expected),
            Optional::isPresent)
        .orElseThrow();
  }

  /** Runs after the roles, in the same session. */
  private record LaterTask() implements SessionTask<Boolean> {

    private static final FindingKey<Boolean> RAN = FindingKey.of(Boolean.class);

    @Override
    public FindingKey<Boolean> finding() {
      return RAN;
    }

    @Override
    public Optional<Boolean> run(Session session) throws SQLException {
      try (Statement statement = session.connection().createStatement()) {
        return Optional.of(statement.execute("SELECT 1"));
      }
    }
  }

  /** A transaction that stays open until the connection is closed, which rolls it back. */
  private static Connection transaction(String role, String password) throws SQLException {
    Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://127.0.0.1:%d/app".formatted(server.port()), role, password);
    connection.setAutoCommit(false);
    return connection;
  }

  private static boolean isBefore16() {
    return Integer.parseInt(Docker.MAJOR) < 16;
  }

  private static String catalog(String columns, String role) {
    return superuser(
        "SELECT %s FROM pg_roles WHERE rolname = '%s'".formatted(columns, role.replace("'", "''")));
  }

  private static String superuser(String... statements) {
    String last = "";
    for (String statement : statements) {
      last = server.superuserQuery(statement);
    }
    return last.strip();
  }
}
