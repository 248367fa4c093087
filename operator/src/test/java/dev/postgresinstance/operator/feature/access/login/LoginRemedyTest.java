package dev.postgresinstance.operator.feature.access.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.LoginProblems;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.ServerFindings;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoginRemedyTest {

  private static final String PSQL =
      "kubectl exec -n shop orders-0 -c postgres -- psql -U postgres -c '%s'";
  private static final String RESTART = "postgresinstance.dev/restart=\"$(date)\" --overwrite";

  private final Snapshot served = Snapshots.initialized();

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          28000 | role "app" is not permitted to log in                 | LOGIN_REFUSED        | ALTER ROLE "app" LOGIN
          28000 | role "app" does not exist                             | LOGIN_REFUSED        | CREATE ROLE "app" LOGIN
          42501 | permission denied for database "app"                  | LOGIN_REFUSED        | GRANT CONNECT ON DATABASE "app" TO "app"
          55000 | database "app" is not currently accepting connections | LOGIN_REFUSED        | ALTER DATABASE "app" ALLOW_CONNECTIONS true
          55000 | cannot connect to invalid database "app"              | LOGIN_REFUSED        | DROP DATABASE "app"
          53300 | too many connections for role "app"                   | TOO_MANY_CONNECTIONS | ALTER ROLE "app" CONNECTION LIMIT -1
          53300 | too many connections for database "app"               | TOO_MANY_CONNECTIONS | ALTER DATABASE "app" CONNECTION LIMIT -1
          """)
  void namesStatementThatAdmitsTheRoleAgain(
      String sqlState, String message, Reason reason, String statement) {
    // When
    Problem problem = LoginProblems.rejected(served, rejected(sqlState, "FATAL: " + message));

    // Then
    assertThat(problem.reason()).isEqualTo(reason);
    assertThat(problem.message())
        .contains("FATAL: %s (SQLSTATE %s)".formatted(message, sqlState))
        .endsWith(": " + PSQL.formatted(statement))
        .containsOnlyOnce("kubectl");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sorry, too many clients already",
        "remaining connection slots are reserved for roles with the SUPERUSER attribute"
      })
  void removesNoLimitOfTheRoleWhenTheServerIsFull(String message) {
    // When
    Problem problem = LoginProblems.rejected(served, rejected("53300", "FATAL: " + message));

    // Then
    assertThat(problem.message())
        .contains("raise spec.parameters.max_connections", "FROM pg_stat_activity")
        .doesNotContain("LIMIT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          session_preload_libraries | a, pg_hint_plan | 58P01 | could not access file "pg_hint_plan": No such file or directory
          Local_Preload_Libraries   | "pg_hint_plan"  | 58P01 | could not access file "$libdir/plugins/pg_hint_plan": No such file or directory
          transaction_timeout       | 1ms             | 25P04 | terminating connection due to transaction timeout
          idle_session_timeout      | 1ms             | 57P05 | terminating connection due to idle-session timeout
          """)
  void asksForCorrectionOfParameterThatTheMessageNames(
      String name, String value, String sqlState, String message) {
    // Given
    Snapshot snapshot =
        Snapshots.of("parameters: {work_mem: 8MB, %s: '%s'}".formatted(name, value));

    // When
    Problem problem = LoginProblems.rejected(snapshot, rejected(sqlState, "FATAL: " + message));

    // Then
    assertThat(problem.message())
        .endsWith(" Correct %s there.".formatted(name.toLowerCase(Locale.ROOT)))
        .doesNotContain("RESET ALL");
  }

  @Test
  void asksForNoCorrectionOfOtherParameters() {
    // Given
    Snapshot snapshot =
        Snapshots.of("parameters: {work_mem: 8MB, session_preload_libraries: auto_explain}");

    // When
    Problem problem =
        LoginProblems.rejected(
            snapshot, rejected("58P01", "FATAL: could not access file \"other\""));

    // Then
    assertThat(problem.message()).contains("RESET ALL").doesNotContain("spec.parameters");
  }

  @Test
  void explainsLimitOfTheOperatorBeforeVersion16() {
    // Given
    Snapshot old = Snapshots.of("version: '15'");

    // When
    Problem problem =
        LoginProblems.rejected(
            old, rejected("53300", "FATAL: too many connections for role \"app\""));

    // Then
    assertThat(problem.message())
        .contains("the operator limits the role", "spec.parameters.max_connections");
  }

  @Test
  void restoresRulesOfAuthenticationByRestart() {
    // When
    Problem problem =
        LoginProblems.rejected(
            served, rejected("28000", "FATAL: no pg_hba.conf entry for host \"::1\""));

    // Then
    assertThat(problem.message())
        .endsWith("kubectl annotate -n shop pgi orders " + RESTART)
        .doesNotContain("ALTER ROLE");
  }

  @ParameterizedTest(name = "SQLSTATE {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          28000 | ALTER ROLE "app" LOGIN
          42501 | GRANT CONNECT ON DATABASE "app" TO "app" ; ALTER ROLE "app" RESET ALL ; ALTER DATABASE "app" RESET ALL
          55000 | ALTER DATABASE "app" ALLOW_CONNECTIONS true ; ALTER ROLE "app" RESET ALL
          22023 | ALTER ROLE "app" RESET ALL ; ALTER ROLE "app" IN DATABASE "app" RESET ALL ; ALTER DATABASE "app" RESET ALL
          53300 | ALTER ROLE "app" CONNECTION LIMIT -1 ; ALTER DATABASE "app" CONNECTION LIMIT -1
          """)
  void namesAllRemediesForUnknownCauseEachInLineOfItsOwn(String sqlState, String statements) {
    // When
    Problem problem = LoginProblems.rejected(served, rejected(sqlState, "FATAL: unbekannt"));

    // Then
    assertThat(problem.message().lines())
        .containsAll(Stream.of(statements.split(" ; ")).map(PSQL::formatted).toList());
    assertThat(problem.message()).hasSizeLessThan(1_000);
  }

  private static LoginRejected rejected(String sqlState, String message) {
    return new LoginRejected(sqlState, message, ServerFindings.NONE);
  }
}
