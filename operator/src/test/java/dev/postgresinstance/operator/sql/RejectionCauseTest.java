package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RejectionCauseTest {

  /** The messages of PostgreSQL 15 to 18. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          53300 | FATAL: too many connections for role "app"                                                          | ROLE_LIMIT
          53300 | FATAL: too many connections for database "app"                                                      | DATABASE_LIMIT
          53300 | FATAL: sorry, too many clients already                                                              | SERVER_LIMIT
          53300 | FATAL: remaining connection slots are reserved for non-replication superuser connections            | SERVER_LIMIT
          53300 | FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute               | SERVER_LIMIT
          53300 | FATAL: remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role | SERVER_LIMIT
          28000 | FATAL: role "app" is not permitted to log in                                                        | ROLE_WITHOUT_LOGIN
          28000 | FATAL: role "app" does not exist                                                                    | ROLE_MISSING
          28000 | FATAL: no pg_hba.conf entry for host "10.0.0.1", user "app", database "app", no encryption          | AUTHENTICATION_RULES
          28000 | FATAL: pg_hba.conf rejects connection for host "10.0.0.1", user "app", database "app", no encryption | AUTHENTICATION_RULES
          42501 | FATAL: permission denied for database "app"                                                         | CONNECT_REVOKED
          55000 | FATAL: database "app" is not currently accepting connections                                        | CONNECTIONS_FORBIDDEN
          55000 | FATAL: cannot connect to invalid database "app"                                                     | DATABASE_INVALID
          """)
  void recognizesMessage(String sqlState, String message, RejectionCause cause) {
    assertThat(cause(sqlState, message)).isEqualTo(cause);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          53300 | FATAL: zu viele Verbindungen für Rolle »app«
          53300 | SCHWERWIEGEND: tut mir leid, schon zu viele Verbindungen
          53300 | FATAL: no more; too many connections for role "app"
          53300 | too many connections for role "app"
          22023 | FATAL: too many connections for role "app"
          42501 | FATAL: access to library "permission denied for database" is not allowed
          28000 | FATAL: role "x" is not permitted to log in today
          """)
  void recognizesNothingThatIsNotCertain(String sqlState, String message) {
    assertThat(cause(sqlState, message)).isEqualTo(RejectionCause.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          FATAL: no pg_hba.conf entry for host "10.0.0.1", user "app", database "app", no encryption          | true
          FATAL: no pg_hba.conf entry for replication connection from host "::1", user "app", no encryption   | true
          FATAL: no pg_hba.conf entry for host "10.0.0.1", user "app", database "app", SSL encryption         | false
          FATAL: no pg_hba.conf entry for host "10.0.0.1", user "a, no encryption", database "app", SSL encryption | false
          FATAL: pg_hba.conf rejects connection for host "10.0.0.1", user "app", database "app", no encryption | false
          FATAL: password authentication failed for user "no pg_hba.conf entry for x, no encryption"          | false
          """)
  void recognizesConnectionWithoutTls(String message, boolean isWithoutTls) {
    assertThat(RejectionCause.isWithoutTls(message)).isEqualTo(isWithoutTls);
  }

  private static RejectionCause cause(String sqlState, String message) {
    return RejectionCause.of(new LoginRejected(sqlState, message, ServerFindings.NONE));
  }
}
