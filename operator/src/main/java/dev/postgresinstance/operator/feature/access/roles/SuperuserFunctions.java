package dev.postgresinstance.operator.feature.access.roles;

import dev.postgresinstance.operator.instance.Names;
import java.util.List;

/**
 * What the operator's role may do although it takes a superuser: open and close superuser access
 * over the network, end such sessions, and those without TLS, and open and close the access of the
 * backup pods. Errors carry their message only: the context would show the verifier.
 */
final class SuperuserFunctions {

  /** The statements that create the functions; each replaces what is there. */
  static final List<String> STATEMENTS =
      List.of(
          "CREATE SCHEMA IF NOT EXISTS pgi",
          function(
              "open_superuser_access(verifier text)",
              """
              IF verifier NOT LIKE 'SCRAM-SHA-256$%' THEN
              RAISE invalid_password USING MESSAGE = 'not a verifier';
              END IF;
              EXECUTE format('ALTER ROLE postgres LOGIN PASSWORD %L VALID UNTIL %L', verifier, 'infinity');
              GRANT pgi_superuser_access TO postgres;
              """),
          function(
              "close_superuser_access()",
              """
              REVOKE pgi_superuser_access FROM postgres;
              ALTER ROLE postgres PASSWORD NULL;
              """),
          function(
              "end_superuser_sessions()",
              """
              PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE usename = 'postgres' AND client_addr IS NOT NULL;
              """),
          // Of a session without a role, the login has not ended: it may yet be encrypted.
          function(
              "end_plain_sessions()",
              """
              PERFORM pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
              WHERE NOT ssl AND client_addr IS NOT NULL AND usesysid IS NOT NULL AND pid <> pg_backend_pid();
              """),
          function(BackupFunctions.OPEN, BackupFunctions.OPEN_BODY),
          function(BackupFunctions.CLOSE, BackupFunctions.CLOSE_BODY),
          "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pgi FROM PUBLIC",
          "GRANT USAGE ON SCHEMA pgi TO " + Names.OPERATOR_ROLE,
          "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgi TO " + Names.OPERATOR_ROLE);

  private SuperuserFunctions() {}

  /** A function that resolves no name in a schema where others can create objects. */
  private static String function(String signature, String body) {
    return """
        CREATE OR REPLACE FUNCTION pgi.%s RETURNS pg_catalog.void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $pgi$ BEGIN
        %sEXCEPTION WHEN OTHERS THEN
        RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
        END $pgi$"""
        .formatted(signature, body);
  }
}
