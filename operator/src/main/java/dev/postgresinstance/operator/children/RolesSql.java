package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import java.util.List;
import org.postgresql.util.PasswordUtil;

/**
 * The statements that make roles and database, for PostgreSQL's single-user mode. The first part
 * can be run again and again, the second only in a data directory that was just made. In that mode
 * a statement ends with a semicolon and an empty line.
 *
 * <p>They hold verifiers (what PostgreSQL itself stores), never a password.
 */
final class RolesSql {

  /** PostgreSQL's own default of {@code scram_iterations}. */
  private static final int ITERATIONS = 4096;

  private static final int SALT_BYTES = 16;

  /**
   * Settings of the operator's role: no name can be resolved to what a tenant made, and nothing
   * that it sends is logged, for it sends verifiers.
   */
  private static final List<String> SETTINGS =
      List.of(
          "search_path = pg_catalog, pg_temp",
          "log_statement = 'none'",
          "log_min_duration_statement = -1",
          "log_min_duration_sample = -1",
          "log_duration = off",
          "log_min_error_statement = panic",
          // What keeps statements elsewhere than in the log. Names of modules that are not loaded
          // are
          // taken as they are.
          "track_activities = off",
          "pg_stat_statements.track = 'none'",
          "pgaudit.log = 'none'",
          "statement_timeout = '5s'");

  /**
   * What the operator's role may do beside changing ordinary roles: see settings and sizes and what
   * a configuration would do, load it, and make a checkpoint before a restart.
   */
  private static final List<String> RIGHTS =
      List.of(
          "pg_monitor, pg_checkpoint",
          "SELECT ON pg_catalog.pg_file_settings",
          "EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings(),"
              + " pg_catalog.pg_reload_conf()");

  private RolesSql() {}

  /** What the operator's role is, whatever it was made: nothing keeps it out. */
  private static final String ATTRIBUTES =
      "LOGIN CREATEROLE CREATEDB CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD ";

  /**
   * The whole text.
   *
   * @param mark another one has the statements run at the next start although nothing else is new;
   *     may be empty
   * @param appVerifier verifier of the role of {@code spec.username}
   * @param operatorVerifier verifier of the operator's own role
   */
  static String render(
      PostgresInstanceSpec spec, String mark, String appVerifier, String operatorVerifier) {
    String app = identifier(spec.username());
    String operator = identifier(Names.OPERATOR_ROLE);
    StringBuilder sql = new StringBuilder();
    if (!mark.isEmpty()) {
      sql.append("-- ").append(mark).append('\n');
    }
    statement(sql, createRole(spec.username(), "LOGIN"));
    statement(sql, "ALTER ROLE " + app + " PASSWORD " + literal(appVerifier));
    statement(sql, createRole(Names.OPERATOR_ROLE, "LOGIN"));
    statement(sql, "ALTER ROLE " + operator + " " + ATTRIBUTES + literal(operatorVerifier));
    statement(sql, "ALTER ROLE " + operator + " RESET ALL");
    SETTINGS.forEach(setting -> statement(sql, "ALTER ROLE " + operator + " SET " + setting));
    if (Integer.parseInt(spec.version()) >= 16) {
      // Before 16 CREATEROLE alone may change any ordinary role.
      statement(
          sql, "GRANT " + app + " TO " + operator + " WITH ADMIN TRUE, INHERIT FALSE, SET FALSE");
      statement(sql, "GRANT pg_use_reserved_connections TO " + operator);
    } else {
      statement(sql, keepRoom(spec));
    }
    RIGHTS.forEach(right -> statement(sql, "GRANT " + right + " TO " + operator));
    statement(sql, "REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC");
    statement(sql, "GRANT CONNECT ON DATABASE postgres TO " + operator);
    sql.append("-- database\n");
    statement(
        sql,
        "CREATE DATABASE " + identifier(spec.database()) + " OWNER " + app + " TEMPLATE template0");
    return sql.toString();
  }

  /** The SCRAM-SHA-256 verifier of a password; the same one for the same salt key. */
  static String verifier(String role, String password, String saltKey) {
    byte[] salt = new byte[SALT_BYTES];
    System.arraycopy(Hashes.keyed(saltKey, role + "\n" + password), 0, salt, 0, SALT_BYTES);
    return PasswordUtil.encodeScramSha256(password.toCharArray(), ITERATIONS, salt);
  }

  /**
   * Before 16 connections can be reserved for superusers only: there the role's own limit keeps
   * some free. It follows from the number of connections, and leaves a lower one that a person has
   * set.
   */
  private static String keepRoom(PostgresInstanceSpec spec) {
    return """
        DO $pgi$ DECLARE
        room pg_catalog.int4 := pg_catalog.current_setting('max_connections')::pg_catalog.int4
        - pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4 - %1$d;
        former pg_catalog.text := (SELECT pg_catalog.shobj_description(oid, 'pg_authid')
        FROM pg_catalog.pg_roles WHERE rolname = %2$s);
        BEGIN
        IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %2$s
        AND (rolconnlimit = -1 OR rolconnlimit > room
        OR rolconnlimit::pg_catalog.text = pg_catalog.substring(former, '^Limit: ([0-9]+)$'))) THEN
        EXECUTE pg_catalog.format('ALTER ROLE %%I CONNECTION LIMIT %%s', %2$s, room);
        EXECUTE pg_catalog.format('COMMENT ON ROLE %%I IS %%L', %2$s, 'Limit: ' || room);
        END IF;
        END $pgi$"""
        .formatted(Parameters.RESERVED_CONNECTIONS, literal(spec.username()));
  }

  private static String createRole(String name, String options) {
    return """
        DO $pgi$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %s) THEN
        CREATE ROLE %s %s;
        END IF;
        END $pgi$"""
        .formatted(literal(name), identifier(name), options);
  }

  private static void statement(StringBuilder sql, String statement) {
    sql.append(statement).append(";\n\n");
  }

  private static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
