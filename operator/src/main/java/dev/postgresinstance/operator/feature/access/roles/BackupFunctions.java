package dev.postgresinstance.operator.feature.access.roles;

import dev.postgresinstance.operator.instance.Names;

/**
 * How the role of the backup pods gets and loses its access. It can read everything, as a stream or
 * as files, so only a superuser may create it.
 */
final class BackupFunctions {

  /** The function that gives access. */
  static final String OPEN = "open_backup_access(verifier text)";

  /** The function that takes access away. */
  static final String CLOSE = "close_backup_access()";

  /**
   * Creates the role, or sets its password. Its settings protect it from parameters of the user:
   * from libraries, time limits and the log of its statements, of which there is one every few
   * seconds. The operator reads the last one in {@code pg_stat_activity}.
   */
  static final String OPEN_BODY =
      """
          IF verifier NOT LIKE 'SCRAM-SHA-256$%%' THEN
          RAISE invalid_password USING MESSAGE = 'not a verifier';
          END IF;
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%1$s') THEN
          CREATE ROLE %1$s;
          END IF;
          EXECUTE format('ALTER ROLE %1$s NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN REPLICATION NOBYPASSRLS CONNECTION LIMIT -1 VALID UNTIL %%L PASSWORD %%L', 'infinity', verifier);
          ALTER ROLE %1$s RESET ALL;
          ALTER ROLE %1$s SET search_path = pg_catalog, pg_temp;
          ALTER ROLE %1$s SET session_preload_libraries = '$libdir/plpgsql';
          ALTER ROLE %1$s SET track_activities = on;
          ALTER ROLE %1$s SET log_statement = 'none';
          ALTER ROLE %1$s SET log_duration = off;
          ALTER ROLE %1$s SET log_min_duration_statement = -1;
          ALTER ROLE %1$s SET log_min_duration_sample = -1;
          ALTER ROLE %1$s SET statement_timeout = '30s';
          ALTER ROLE %1$s SET lock_timeout = 0;
          ALTER ROLE %1$s SET idle_session_timeout = 0;
          ALTER ROLE %1$s SET idle_in_transaction_session_timeout = 0;
          IF current_setting('server_version_num')::int4 >= 170000 THEN
          ALTER ROLE %1$s SET transaction_timeout = 0;
          END IF;
          GRANT pg_read_all_stats TO %1$s;
          IF current_setting('server_version_num')::int4 >= 160000 THEN
          GRANT pg_use_reserved_connections TO %1$s;
          END IF;
          GRANT CONNECT ON DATABASE postgres TO %1$s;
          """
          .formatted(Names.BACKUP_ROLE);

  /**
   * Takes the access away: ends the sessions of the role and drops the slots of the archive, which
   * would keep the write-ahead log until the volume is full.
   */
  static final String CLOSE_BODY =
      """
          IF EXISTS (SELECT FROM pg_roles WHERE rolname = '%1$s') THEN
          ALTER ROLE %1$s NOLOGIN NOREPLICATION PASSWORD NULL;
          END IF;
          PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%1$s';
          PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots
          WHERE starts_with(slot_name::text, 'pgi_backup_') AND NOT active;
          """
          .formatted(Names.BACKUP_ROLE);

  private BackupFunctions() {}
}
