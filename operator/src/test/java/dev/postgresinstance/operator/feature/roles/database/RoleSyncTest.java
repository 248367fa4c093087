package dev.postgresinstance.operator.feature.roles.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Exists;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.feature.roles.ownership.FormerOwners;
import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whose role is dropped or taken over, and when. */
class RoleSyncTest {

  private static final String CLOSE = "ALTER ROLE \"dashboard\" NOLOGIN PASSWORD NULL";
  private static final String DROP = "DROP ROLE \"dashboard\"";

  private final List<String> statements = new ArrayList<>();
  private final Map<String, RoleServer.Failure> failures = new HashMap<>();
  private final Deque<LoginResult> logins = new ArrayDeque<>();

  private final RoleServer server =
      new RoleServer() {
        @Override
        public Optional<Failure> execute(String... sql) {
          statements.addAll(List.of(sql));
          return Optional.ofNullable(failures.get(sql[0]));
        }

        @Override
        public LoginResult login(Role role) {
          return logins.pop();
        }

        @Override
        public void log(String sentence) {
          // nobody reads it
        }
      };

  @Test
  void dropsNoRoleWhoseResourceOnlyTheCacheLacks() {
    // When
    RolesFindings findings = run(Set.of(), role(marker("uid-1", "orders", true)));

    // Then
    assertThat(statements).isEmpty();
    assertThat(findings.unconfirmed()).isEqualTo(Map.of("uid-1", "dashboard"));
    assertThat(findings.gone()).isEmpty();
  }

  @Test
  void dropsTheRoleWhenTheApiServerHasNoSuchResource() {
    // When
    RolesFindings findings = run(Set.of("uid-1"), role(marker("uid-1", "orders", true)));

    // Then
    assertThat(statements).containsExactly(CLOSE, DROP);
    assertThat(findings.unconfirmed()).isEmpty();
    assertThat(findings.gone()).containsExactly("uid-1");
    assertThat(findings.kept()).isEmpty();
  }

  @Test
  void asksAboutNoRoleThatStaysInAnyCase() {
    // When
    RolesFindings retained = run(Set.of(), role(marker("uid-1", "orders", false)));
    RolesFindings ofOriginal = run(Set.of(), role(marker("uid-1", "original", true)));

    // Then
    assertThat(statements).isEmpty();
    assertThat(retained.unconfirmed()).isEmpty();
    assertThat(ofOriginal.unconfirmed()).isEmpty();
  }

  @Test
  void tellsWhyTheRoleStays() {
    // Given
    failures.put(DROP, new RoleServer.Failure("2BP01", "ERROR: role is in use", "owner of table"));

    // Then
    assertThat(run(Set.of("uid-1"), role(marker("uid-1", "orders", true))).kept())
        .containsExactly(Map.entry("dashboard", new KeptRole(true, "owner of table")));

    // Given: nobody may close it
    failures.put(CLOSE, new RoleServer.Failure("42501", "ERROR: permission denied", ""));
    statements.clear();

    // Then
    assertThat(run(Set.of("uid-1"), role(marker("uid-1", "orders", true))).kept())
        .containsExactly(Map.entry("dashboard", new KeptRole(false, "ERROR: permission denied")));
    assertThat(statements).containsExactly(CLOSE);
  }

  @Test
  void takesNoRoleOverWhoseResourceOnlyTheCacheLacks() {
    // Given
    RoleRequest request = group("uid-2");

    // When
    RolesFindings findings = run(Set.of(), role(marker("uid-1", "orders", false)), request);

    // Then
    assertThat(statements).isEmpty();
    assertThat(findings.roles().get("uid-2").outcome()).isInstanceOf(Waiting.class);
    assertThat(findings.roles().get("uid-2").available()).isFalse();
    assertThat(findings.unconfirmed()).isEqualTo(Map.of("uid-1", "dashboard"));
  }

  @Test
  void takesOverWhatIsLeftBehind() {
    // When
    RolesFindings left =
        run(Set.of("uid-1"), role(marker("uid-1", "orders", true)), group("uid-2"));
    RolesFindings restored = run(Set.of(), role(marker("uid-1", "original", true)), group("uid-2"));

    // Then
    assertThat(left.roles().get("uid-2").outcome()).isEqualTo(new Settled());
    assertThat(restored.roles().get("uid-2").outcome()).isEqualTo(new Settled());
    assertThat(statements)
        .filteredOn(sql -> sql.startsWith("COMMENT"))
        .isNotEmpty()
        .allMatch(sql -> sql.contains("uid-2"));
  }

  @Test
  void takesNoLeftBehindRoleOverThatIsPrivileged() {
    // Given
    RoleState powerful = role(marker("uid-1", "orders", false), true);

    // When
    RolesFindings findings = run(Set.of("uid-1"), powerful, group("uid-2"));

    // Then
    assertThat(statements).isEmpty();
    assertThat(findings.roles().get("uid-2").outcome()).isEqualTo(new Exists("16400", true));

    // When
    RolesFindings accepted = run(Set.of("uid-1"), powerful, accepting("uid-2", "16400"));

    // Then
    assertThat(accepted.roles().get("uid-2").outcome()).isEqualTo(new Settled());
  }

  @Test
  void takesNoLeftBehindRoleOverThatWasThereBeforeItsResource() {
    // Given
    String marker =
        new RoleMarker("uid-1", "dashboard", "orders", false, true, "", List.of())
            .inComment(Optional.of("by hand"));

    // When
    RolesFindings findings = run(Set.of("uid-1"), role(Optional.of(marker)), group("uid-2"));

    // Then
    assertThat(statements).isEmpty();
    assertThat(findings.roles().get("uid-2").outcome()).isEqualTo(new Exists("16400", true));
  }

  @Test
  void leavesTheRoleOfSomebodyElseAlone() {
    // When
    RolesFindings findings = run(Set.of(), role(Optional.empty()), group("uid-2"));

    // Then
    assertThat(statements).isEmpty();
    assertThat(findings.roles().get("uid-2").outcome()).isEqualTo(new Exists("16400", true));
  }

  @Test
  void tellsWhichRolesAreSomebodyElses() {
    // Given
    RoleState superuser =
        new RoleState(
            "16400",
            "dashboard",
            true,
            true,
            RoleState.UNLIMITED,
            Optional.empty(),
            marker("uid-2", "orders", false),
            Map.of(),
            Set.of(),
            Set.of(),
            true,
            true);
    failures.put("CREATE ROLE \"dashboard\" NOLOGIN", new RoleServer.Failure("0", "ERROR", ""));

    // When
    RoleFinding root = run(Set.of(), superuser, group("uid-2")).roles().get("uid-2");
    RoleFinding missing = run(Set.of(), List.of(), group("uid-2")).roles().get("uid-2");

    // Then
    assertThat(root.outcome()).isInstanceOf(Refused.class);
    assertThat(root.available()).isFalse();
    assertThat(missing.outcome()).isInstanceOf(Refused.class);
    assertThat(missing.available()).isTrue();
  }

  @Test
  void setsThePasswordAlsoWhereAPartOfTheRequestIsRefused() {
    // Given: PostgreSQL has another password than the Secret
    logins.add(new LoginResult.LoginRejected("28P01", "FATAL: wrong", ServerFindings.NONE));
    logins.add(new LoginResult.LoggedIn("17.6", ServerFindings.NONE));
    RoleRequest request =
        new RoleRequest(
            "uid-2",
            "other",
            "dashboard",
            true,
            List.of("missing"),
            Optional.empty(),
            Optional.empty(),
            new TreeMap<>(),
            Optional.of(new Role("dashboard", "secret")),
            Optional.empty(),
            false);

    // When
    RoleFinding found =
        run(Set.of(), role(marker("uid-2", "orders", false)), request).roles().get("uid-2");

    // Then
    assertThat(statements).anyMatch(sql -> sql.startsWith("ALTER ROLE \"dashboard\" PASSWORD"));
    assertThat(found.login()).contains(new Settled());
    assertThat(found.outcome()).isInstanceOf(Refused.class);
  }

  private RolesFindings run(Set<String> gone, RoleState state, RoleRequest... requests) {
    return run(gone, List.of(state), requests);
  }

  private RolesFindings run(Set<String> gone, List<RoleState> states, RoleRequest... requests) {
    RolesRequest wanted =
        new RolesRequest("orders", "app", "app", Set.of("uid-2"), List.of(requests));
    return new RoleSync(
            wanted,
            Optional.empty(),
            new FormerOwners(wanted.uids(), gone::contains),
            server,
            InstantSource.system())
        .run(states);
  }

  private static Optional<String> marker(String uid, String instance, boolean drop) {
    return Optional.of(
        new RoleMarker(uid, "dashboard", instance, drop, false, "", List.of())
            .inComment(Optional.empty()));
  }

  private static RoleState role(Optional<String> comment) {
    return role(comment, false);
  }

  private static RoleState role(Optional<String> comment, boolean privileged) {
    return new RoleState(
        "16400",
        "dashboard",
        false,
        true,
        RoleState.UNLIMITED,
        Optional.empty(),
        comment,
        Map.of(),
        Set.of(),
        Set.of(),
        privileged,
        true);
  }

  private static RoleRequest group(String uid) {
    return group(uid, Optional.empty());
  }

  private static RoleRequest accepting(String uid, String oid) {
    return group(uid, Optional.of(oid));
  }

  private static RoleRequest group(String uid, Optional<String> accepted) {
    return new RoleRequest(
        uid,
        "other",
        "dashboard",
        false,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        new TreeMap<>(),
        Optional.empty(),
        accepted,
        false);
  }
}
