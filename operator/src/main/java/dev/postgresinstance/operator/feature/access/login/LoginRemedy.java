package dev.postgresinstance.operator.feature.access.login;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.access.roles.SetRolesScript;
import dev.postgresinstance.operator.feature.configuration.BlamedParameters;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.PsqlCommand;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.RejectionCause;
import dev.postgresinstance.operator.sql.SqlState;
import dev.postgresinstance.operator.sql.SqlText;

/**
 * What a user does so that the server admits the role again. Where the cause is not known, each
 * possible remedy is named; every command ends its line.
 */
public final class LoginRemedy {

  /** From this major version on, connections are reserved for the operator without role limits. */
  private static final int FIRST_WITHOUT_LIMIT_OF_OPERATOR = 16;

  private static final String SESSIONS =
      "SELECT pid, usename, datname, application_name, state FROM pg_stat_activity"
          + " WHERE usename IS NOT NULL";

  private final Snapshot snapshot;
  private final PostgresInstance instance;
  private final String role;
  private final String database;

  /** The remedies for an instance. */
  public LoginRemedy(Snapshot snapshot) {
    this.snapshot = snapshot;
    this.instance = snapshot.instance();
    this.role = SqlText.identifier(instance.getSpec().username());
    this.database = SqlText.identifier(instance.getSpec().database());
  }

  /**
   * The remedy for a rejected password. A restored dump of another instance may have set the
   * passwords of both roles.
   */
  public String password(LoginRejected rejected) {
    if (rejected.findings().lockedOut().isPresent()) {
      return "The operator cannot set it, because the server does not let the operator's own role work either. To set both: "
          + SetRolesScript.command(instance);
    }
    if (snapshot.paused()) {
      return "The operator sets it when reconciliation is no longer paused.";
    }
    return snapshot.get(ObjectKey.APP_SECRET).isPresent()
        ? "The operator is about to set it."
        : "The Secret does not exist; the operator sets its password as soon as the API server accepts it.";
  }

  /** The remedy for too many connections. */
  public String endOfSessions(LoginRejected rejected) {
    return switch (RejectionCause.of(rejected)) {
      case ROLE_LIMIT ->
          isLimitedByOperator()
              ? "Before version 16, the operator limits the role so that some of max_connections stay free. End sessions that are not needed, or raise spec.parameters.max_connections. If somebody has set a lower limit, this removes it: "
                  + unlimitedRole()
              : "End sessions of the role that are not needed, or remove its limit: "
                  + unlimitedRole();
      case DATABASE_LIMIT ->
          "End sessions in the database that are not needed, or remove its limit: "
              + unlimitedDatabase();
      case SERVER_LIMIT ->
          "End sessions that are not needed, or raise spec.parameters.max_connections. This lists the sessions: "
              + psql(SESSIONS);
      default ->
          "End sessions that are not needed, raise spec.parameters.max_connections, or remove the limit of the role or of the database:\n"
              + String.join("\n", psql(SESSIONS), unlimitedRole(), unlimitedDatabase());
    };
  }

  private boolean isLimitedByOperator() {
    return instance.getSpec().version().major() < FIRST_WITHOUT_LIMIT_OF_OPERATOR;
  }

  private String unlimitedRole() {
    return psql("ALTER ROLE %s CONNECTION LIMIT -1".formatted(role));
  }

  private String unlimitedDatabase() {
    return psql("ALTER DATABASE %s CONNECTION LIMIT -1".formatted(database));
  }

  /** The remedy for another rejection than of the password. */
  public String otherThanPassword(LoginRejected rejected) {
    return switch (RejectionCause.of(rejected)) {
      case ROLE_WITHOUT_LOGIN -> undone(login());
      case ROLE_MISSING ->
          "This creates the role; the operator sets its password then: "
              + psql("CREATE ROLE %s LOGIN".formatted(role));
      case AUTHENTICATION_RULES ->
          "The next start restores the operator's rules of authentication: " + restart();
      case CONNECT_REVOKED -> undone(connect());
      case CONNECTIONS_FORBIDDEN -> undone(connections());
      case DATABASE_INVALID ->
          "A DROP DATABASE was interrupted, and its data is lost. Complete it, after which the operator offers an empty database: "
              + psql("DROP DATABASE %s".formatted(database));
      default ->
          BlamedParameters.remedy(instance.getSpec(), rejected.message())
              .orElseGet(() -> ofState(rejected));
    };
  }

  private String ofState(LoginRejected rejected) {
    if (rejected.is(SqlState.INVALID_AUTHORIZATION)) {
      return undone(login(), restart());
    }
    if (rejected.is(SqlState.INSUFFICIENT_PRIVILEGE)) {
      return undone(connect(), resetRole(), resetRoleInDatabase(), resetDatabase());
    }
    return rejected.is(SqlState.NOT_IN_PREREQUISITE_STATE)
        ? undone(connections(), resetRole(), resetRoleInDatabase(), resetDatabase())
        : undone(resetRole(), resetRoleInDatabase(), resetDatabase());
  }

  private static String undone(String... commands) {
    return commands.length == 1
        ? "Somebody has configured that; this undoes it: " + commands[0]
        : "Somebody has configured that; one of these may undo it:\n" + String.join("\n", commands);
  }

  private String login() {
    return psql("ALTER ROLE %s LOGIN".formatted(role));
  }

  private String connect() {
    return psql("GRANT CONNECT ON DATABASE %s TO %s".formatted(database, role));
  }

  private String connections() {
    return psql("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(database));
  }

  private String resetRole() {
    return psql("ALTER ROLE %s RESET ALL".formatted(role));
  }

  private String resetRoleInDatabase() {
    return psql("ALTER ROLE %s IN DATABASE %s RESET ALL".formatted(role, database));
  }

  private String resetDatabase() {
    return psql("ALTER DATABASE %s RESET ALL".formatted(database));
  }

  private String restart() {
    return KubectlCommand.annotateWithDate(instance, Labels.RESTART);
  }

  private String psql(String statement) {
    return PsqlCommand.of(instance, statement);
  }
}
