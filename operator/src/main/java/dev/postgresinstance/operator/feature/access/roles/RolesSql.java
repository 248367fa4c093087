package dev.postgresinstance.operator.feature.access.roles;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.feature.configuration.Parameters;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.sql.SqlText;
import java.util.List;
import java.util.Optional;
import org.postgresql.util.PasswordUtil;

/**
 * The statements that create roles and database, for PostgreSQL's single-user mode. The first part
 * is idempotent; the second part runs only in a new data directory. In that mode a statement ends
 * with a semicolon and an empty line.
 *
 * <p>The statements contain verifiers (what PostgreSQL itself stores), never a password.
 */
public final class RolesSql {

  /** PostgreSQL's own default of {@code scram_iterations}. */
  private static final int ITERATIONS = 4096;

  private static final int SALT_BYTES = 16;

  /**
   * Settings of the operator's role: no name resolves to an object of a tenant, no statement is
   * logged, because statements contain verifiers, and no library of the user keeps the role out.
   */
  private static final List<String> SETTINGS =
      List.of(
          "search_path = pg_catalog, pg_temp",
          // A parameter of the user could change how quoted texts are read.
          "standard_conforming_strings = on",
          "log_statement = 'none'",
          "log_min_duration_statement = -1",
          "log_min_duration_sample = -1",
          "log_duration = off",
          "log_min_error_statement = panic",
          // Whatever else logs statements, such as auto_explain, does it at a lower level.
          "log_min_messages = panic",
          // Instead of the user's; empty would name a library without a name.
          "session_preload_libraries = '$libdir/plpgsql'",
          // Other places that keep statements. PostgreSQL accepts those of unloaded modules.
          "track_activities = off",
          "pg_stat_statements.track = 'none'",
          "pgaudit.log = 'none'",
          "statement_timeout = '5s'",
          "lock_timeout = 0");

  /** Attributes of the operator's role, whatever somebody has changed: nothing locks it out. */
  private static final String ATTRIBUTES =
      "NOSUPERUSER INHERIT CREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD ";

  private static final int FIRST_WITH_TRANSACTION_TIMEOUT = 17;

  /** Before this version CREATEROLE alone may change any ordinary role. */
  private static final int FIRST_WITH_ADMIN_OPTION = 16;

  /**
   * What the operator's role may do besides changing ordinary roles: read settings and sizes, check
   * and load a configuration, and make a checkpoint before a restart.
   */
  private static final List<String> PRIVILEGES =
      List.of(
          "pg_monitor, pg_checkpoint",
          "SELECT ON pg_catalog.pg_file_settings",
          "EXECUTE ON FUNCTION pg_catalog.pg_show_all_file_settings(),"
              + " pg_catalog.pg_reload_conf()");

  /** Defaults of PostgreSQL 15. */
  private static final int MAX_CONNECTIONS = 100;

  private static final int SUPERUSER_RESERVED_CONNECTIONS = 3;

  private RolesSql() {}

  /**
   * What PostgreSQL stores of the passwords.
   *
   * @param app of the role of {@code spec.username}
   * @param operator of the operator's own role
   * @param superuser of the superuser, while it may log in over the network
   * @param backup of the role of the backup pods, while there is backup
   */
  public record Verifiers(
      String app, String operator, Optional<String> superuser, Optional<String> backup) {}

  /**
   * The whole text.
   *
   * @param mark changing it makes the next start run the statements again; may be empty
   */
  public static String render(PostgresInstanceSpec spec, String mark, Verifiers verifiers) {
    String app = SqlText.identifier(spec.username());
    String operator = SqlText.identifier(Names.OPERATOR_ROLE);
    StringBuilder sql = new StringBuilder();
    if (!mark.isEmpty()) {
      sql.append("-- ").append(mark).append('\n');
    }
    statement(sql, createRole(spec.username(), "LOGIN"));
    statement(sql, "ALTER ROLE " + app + " PASSWORD " + SqlText.literal(verifiers.app()));
    statement(sql, createRole(Names.OPERATOR_ROLE, "LOGIN"));
    statement(
        sql, "ALTER ROLE " + operator + " " + ATTRIBUTES + SqlText.literal(verifiers.operator()));
    statement(sql, "ALTER ROLE " + operator + " RESET ALL");
    SETTINGS.forEach(setting -> statement(sql, "ALTER ROLE " + operator + " SET " + setting));
    int major = spec.version().major();
    if (major >= FIRST_WITH_TRANSACTION_TIMEOUT) {
      statement(sql, "ALTER ROLE " + operator + " SET transaction_timeout = 0");
    }
    if (major >= FIRST_WITH_ADMIN_OPTION) {
      statement(
          sql, "GRANT " + app + " TO " + operator + " WITH ADMIN TRUE, INHERIT FALSE, SET FALSE");
      statement(sql, "GRANT pg_use_reserved_connections TO " + operator);
    } else {
      statement(sql, keepRoom(spec));
    }
    PRIVILEGES.forEach(privilege -> statement(sql, "GRANT " + privilege + " TO " + operator));
    if (major >= FIRST_WITH_ADMIN_OPTION) {
      // A membership that exists keeps its option otherwise.
      statement(sql, "GRANT pg_monitor, pg_checkpoint TO " + operator + " WITH INHERIT TRUE");
    }
    statement(sql, createRole("pgi_superuser_access", "NOLOGIN"));
    SuperuserFunctions.STATEMENTS.forEach(function -> statement(sql, function));
    statement(sql, superuser(verifiers.superuser()));
    verifiers.backup().ifPresent(present -> statement(sql, backup(present)));
    statement(sql, "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    statement(sql, closeTemplate());
    statement(sql, "GRANT CONNECT ON DATABASE postgres TO " + operator);
    sql.append("-- database\n");
    statement(sql, createDatabase(spec.database(), spec.username()));
    return sql.toString();
  }

  /** The statement that creates the database of the instance. */
  public static String createDatabase(String database, String owner) {
    return "CREATE DATABASE %s OWNER %s TEMPLATE template0"
        .formatted(SqlText.identifier(database), SqlText.identifier(owner));
  }

  /** Runs at each start, so that a change is in force before anybody can log in. */
  private static String superuser(Optional<String> verifier) {
    return verifier
        .map(present -> "SELECT pgi.open_superuser_access(%s)".formatted(SqlText.literal(present)))
        .orElse("SELECT pgi.close_superuser_access()");
  }

  private static String backup(String verifier) {
    return "SELECT pgi.open_backup_access(%s)".formatted(SqlText.literal(verifier));
  }

  /** The SCRAM-SHA-256 verifier of a password; the same one for the same salt key. */
  public static String verifier(String role, String password, String saltKey) {
    byte[] salt = new byte[SALT_BYTES];
    System.arraycopy(Hashes.keyed(saltKey, role + "\n" + password), 0, salt, 0, SALT_BYTES);
    return PasswordUtil.encodeScramSha256(password.toCharArray(), ITERATIONS, salt);
  }

  /**
   * Before PostgreSQL 16, connections can be reserved for superusers only: there a limit of the
   * application's role keeps some free. The limit follows from max_connections; a lower limit that
   * somebody has set stays. The numbers are those of the spec, so that another one makes the next
   * start run the statements again, and because the first start has no configuration.
   */
  private static String keepRoom(PostgresInstanceSpec spec) {
    return block(
        """
        DECLARE
        room pg_catalog.int4 := GREATEST(1, %3$s - %4$s - %1$d);
        former pg_catalog.text := (SELECT pg_catalog.shobj_description(oid, 'pg_authid')
        FROM pg_catalog.pg_roles WHERE rolname = %2$s);
        BEGIN
        IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %2$s
        AND (rolconnlimit = -1 OR rolconnlimit > room
        OR rolconnlimit::pg_catalog.text = pg_catalog.substring(former, '^Limit: ([0-9]+)$'))) THEN
        EXECUTE pg_catalog.format('ALTER ROLE %%I CONNECTION LIMIT %%s', %2$s, room);
        EXECUTE pg_catalog.format('COMMENT ON ROLE %%I IS %%L', %2$s, 'Limit: ' || room);
        END IF;
        END"""
            .formatted(
                Parameters.RESERVED_CONNECTIONS,
                SqlText.literal(spec.username()),
                number(spec, "max_connections", MAX_CONNECTIONS),
                number(spec, "superuser_reserved_connections", SUPERUSER_RESERVED_CONNECTIONS)));
  }

  /** A parameter of the spec; what is no number is left to the server, which may refuse it. */
  private static String number(PostgresInstanceSpec spec, String name, int byDefault) {
    String value = Parameters.ofUser(spec).get(name);
    if (value == null) {
      return Integer.toString(byDefault);
    }
    return value.matches("[0-9]{1,9}")
        ? value
        : "pg_catalog.current_setting(%s)::pg_catalog.int4".formatted(SqlText.literal(name));
  }

  /** A superuser may have dropped or renamed it, which must not prevent a start. */
  private static String closeTemplate() {
    return block(
        """
        BEGIN
        IF EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'template1') THEN
        REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;
        END IF;
        END""");
  }

  private static String createRole(String name, String options) {
    return block(
        """
        BEGIN
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %s) THEN
        CREATE ROLE %s %s;
        END IF;
        END"""
            .formatted(SqlText.literal(name), SqlText.identifier(name), options));
  }

  /** Finds a dollar quote that the body does not contain: a name may contain any text. */
  private static String block(String body) {
    String tag = "$pgi$";
    while (body.contains(tag)) {
      tag = tag.replace("$pgi", "$pgi_");
    }
    return "DO " + tag + " " + body + " " + tag;
  }

  private static void statement(StringBuilder sql, String statement) {
    sql.append(statement).append(";\n\n");
  }
}
