package dev.postgresinstance.operator.feature.roles.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Expired;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.LoginFailed;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.PasswordAccepted;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.PasswordRejected;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.feature.roles.ownership.RoleMarker;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.Role;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoleLoginsTest {

  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult WRONG = rejected("28P01", "FATAL: password failed");

  private final Deque<LoginResult> answers = new ArrayDeque<>();
  private final List<String> statements = new ArrayList<>();
  private Optional<RoleServer.Failure> failure = Optional.empty();
  private Instant now = Instant.parse("2026-12-01T00:00:00Z");

  private final RoleServer server =
      new RoleServer() {
        @Override
        public Optional<Failure> execute(String... sql) {
          statements.addAll(List.of(sql));
          return failure;
        }

        @Override
        public LoginResult login(Role role) {
          now = now.plus(Duration.ofSeconds(3));
          return answers.pop();
        }

        @Override
        public void log(String sentence) {
          // nobody reads it
        }
      };

  @Test
  void setsPasswordThatIsRejectedAsVerifier() {
    // Given
    answers.addAll(List.of(WRONG, LOGGED_IN));

    // When
    RoleOutcome outcome = outcome(Optional.empty());

    // Then
    assertThat(outcome).isEqualTo(new Settled());
    assertThat(statements)
        .singleElement()
        .asString()
        .startsWith("ALTER ROLE \"dashboard\" PASSWORD 'SCRAM-SHA-256$")
        .doesNotContain("secret");
  }

  @Test
  void tellsPasswordThatWasProvenBeforeAsCorrection() {
    // Given
    answers.addAll(List.of(WRONG, LOGGED_IN));
    RoleLogins logins = logins(Optional.of(proven()));

    // When
    logins.add(request("dashboard"), role(false));
    logins.run();

    // Then
    assertThat(logins.corrections()).containsOnlyKeys("uid-dashboard");
  }

  @Test
  void reportsPasswordThatCannotBeSet() {
    // Given
    answers.add(WRONG);
    failure = Optional.of(new RoleServer.Failure("42501", "ERROR: no", ""));

    // Then
    assertThat(outcome(Optional.empty())).isInstanceOf(Refused.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          42501 | true  | FATAL: permission denied for database "app"
          3D000 | true  | FATAL: database "app" does not exist
          55000 | false | FATAL: database "app" is not currently accepting connections
          53300 | false | FATAL: too many connections for role "dashboard"
          """)
  void takesWhatIsRejectedAfterThePasswordForProof(
      String sqlState, boolean blocked, String message) {
    // Given
    answers.addAll(List.of(rejected(sqlState, message), new Unreachable("time-out")));

    // When
    RoleOutcome outcome = outcome(Optional.empty());

    // Then
    assertThat(outcome).isEqualTo(new PasswordAccepted(message, blocked));
    assertThat(outcome(Optional.of(found(outcome)))).isEqualTo(outcome);
    assertThat(statements).isEmpty();
  }

  @Test
  void waitsWhileNothingIsProvenAndNoLoginIsPossible() {
    LoginResult full = rejected("53300", "FATAL: sorry, too many clients already");
    answers.addAll(List.of(full, full, new Unreachable("time-out")));

    assertThat(outcome(Optional.empty())).isInstanceOf(Waiting.class);
    assertThat(outcome(Optional.of(proven()))).isEqualTo(new Settled());
    assertThat(outcome(Optional.of(proven()))).isEqualTo(new Settled());
  }

  @Test
  void triesNoLoginOfAnAcceptedRoleThatHasExpired() {
    // When
    RoleLogins logins = logins(Optional.empty());
    logins.add(request("dashboard"), role(true));

    // Then
    assertThat(logins.run().get("uid-dashboard")).isEqualTo(new Expired());
    assertThat(statements).isEmpty();
  }

  @Test
  void setsNoPasswordAgainThatIsRejectedAllTheSame() {
    // Given
    answers.addAll(List.of(WRONG, WRONG, WRONG));

    // When
    RoleOutcome first = outcome(Optional.empty());
    RoleOutcome second = outcome(Optional.of(found(first)));

    // Then
    assertThat(first).isEqualTo(new PasswordRejected("FATAL: password failed"));
    assertThat(second).isEqualTo(first);
    assertThat(statements).hasSize(1);
  }

  @Test
  void reportsOtherRejections() {
    answers.add(rejected("28000", "FATAL: no entry in pg_hba.conf"));

    assertThat(outcome(Optional.empty()))
        .isEqualTo(new LoginFailed("FATAL: no entry in pg_hba.conf"));
  }

  @Test
  void leavesLoginsForTheNextSessionWhenTheTimeIsUp() {
    // Given: each login takes three seconds
    answers.addAll(List.of(LOGGED_IN, LOGGED_IN, LOGGED_IN));
    RoleLogins logins = logins(Optional.empty());
    List.of("a", "b", "c", "d").forEach(name -> logins.add(request(name), role(false)));

    // When
    Map<String, RoleOutcome> outcomes = logins.run();

    // Then
    assertThat(logins.isComplete()).isFalse();
    assertThat(outcomes.values()).filteredOn(Settled.class::isInstance).hasSize(3);
    assertThat(outcomes.values()).filteredOn(Waiting.class::isInstance).hasSize(1);
  }

  private RoleOutcome outcome(Optional<RolesFindings> previous) {
    RoleLogins logins = logins(previous);
    logins.add(request("dashboard"), role(false));
    return logins.run().get("uid-dashboard");
  }

  private RoleLogins logins(Optional<RolesFindings> previous) {
    InstantSource clock = () -> now;
    return new RoleLogins(previous, server, clock);
  }

  private static RolesFindings proven() {
    return found(new Settled());
  }

  private static RolesFindings found(RoleOutcome login) {
    RoleRequest request = request("dashboard");
    return new RolesFindings(
        new RolesRequest("orders", "app", "app", Set.of(request.uid()), List.of(request)),
        Map.of(
            request.uid(),
            new RoleFinding(true, login, Optional.of(login), Optional.of("1"), Optional.empty())),
        Map.of(),
        Map.of(),
        Set.of(),
        true);
  }

  /** A role whose password has expired, which counts where it was accepted. */
  private static RoleState role(boolean accepted) {
    return new RoleState(
        "1",
        "dashboard",
        false,
        true,
        RoleState.UNLIMITED,
        Optional.of(Instant.parse("2026-11-30T00:00:00Z")),
        Optional.of(
            new RoleMarker("uid-dashboard", "dashboard", "orders", false, accepted, "", List.of())
                .inComment(Optional.empty())),
        Map.of(),
        Set.of(),
        Set.of(),
        false,
        true);
  }

  private static RoleRequest request(String name) {
    return new RoleRequest(
        "uid-" + name,
        name,
        name,
        true,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        new TreeMap<>(),
        Optional.of(new Role(name, "secret")),
        Optional.empty(),
        false);
  }

  private static LoginResult rejected(String sqlState, String message) {
    return new LoginRejected(sqlState, message, ServerFindings.NONE);
  }
}
