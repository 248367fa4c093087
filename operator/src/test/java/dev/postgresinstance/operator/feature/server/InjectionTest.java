package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.access.roles.RolesSql;
import dev.postgresinstance.operator.feature.access.roles.RolesSql.Verifiers;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Names of roles and databases that contain SQL or shell commands. */
@Execution(ExecutionMode.CONCURRENT)
class InjectionTest {

  private static final String MARK = "-- database\n";

  /** At most 63 bytes each and without control characters: the API server rejects all others. */
  private static final List<String> NAMES =
      List.of(
          "'; CREATE ROLE pwned SUPERUSER; --",
          "''; CREATE ROLE pwned SUPERUSER; --",
          "\\'; CREATE ROLE pwned SUPERUSER; --",
          "\"; CREATE ROLE pwned SUPERUSER; --",
          "\"\"; CREATE ROLE pwned SUPERUSER; --",
          "\\\"; CREATE ROLE pwned SUPERUSER; --",
          "$pgi$; CREATE ROLE pwned SUPERUSER; --",
          "$pgi_$; CREATE ROLE pwned SUPERUSER; --",
          "$pgi$ $pgi_$ $pgi__$; CREATE ROLE pwned SUPERUSER; --",
          "$$; CREATE ROLE pwned SUPERUSER; --",
          "$1; CREATE ROLE pwned SUPERUSER; --",
          "E'\\x27; CREATE ROLE pwned SUPERUSER; --",
          "U&\"\\0022; CREATE ROLE pwned SUPERUSER; --",
          "x' OR rolname = 'postgres",
          "x\" SUPERUSER --",
          "x\" SUPERUSER /*",
          "x */ SUPERUSER",
          "\"x\" IN ROLE pg_execute_server_program --",
          "'; COPY (SELECT 1) TO PROGRAM 'touch /tmp/pwned'; --",
          "\"; COPY (SELECT 1) TO PROGRAM 'touch /tmp/pwned'; --",
          "$(touch /tmp/pwned)",
          "`touch /tmp/pwned`",
          "; touch /tmp/pwned;",
          "| touch /tmp/pwned",
          "%I %L %s %1$s %n {} {0} ${x} #{x}",
          "%s%s%s%s%s%s%n",
          "-- ",
          "/* ",
          "\\",
          "\\\\",
          "'",
          "''",
          "\"",
          "\"\"",
          ";",
          " ",
          "\u2028; CREATE ROLE pwned SUPERUSER; --",
          "\u02bc; CREATE ROLE pwned SUPERUSER; --",
          "\uff07; CREATE ROLE pwned SUPERUSER; --",
          "true",
          "0",
          "select",
          "~");

  @Test
  void neverRunsCommandsInNamesOfRolesAndDatabases() {
    // Given: parameters that change how PostgreSQL parses strings and how long a statement may take
    Docker.makeSureOfImage();
    List<String[]> rendered =
        NAMES.stream().map(name -> rolesSql(name).split("(?m)^" + MARK)).toList();
    String roles = rendered.stream().map(parts -> parts[0]).collect(Collectors.joining());
    String databases = rendered.stream().map(parts -> parts[1]).collect(Collectors.joining());
    String configuration =
        TestPod.configurationWith(
            Map.of(
                "standard_conforming_strings", "off",
                "backslash_quote", "on",
                "escape_string_warning", "off",
                "statement_timeout", "1",
                "lock_timeout", "1"));
    try (Workbench workbench = new Workbench();
        TestVolume volume = workbench.emptyVolume()) {
      TestPod pod =
          volume.pod().roles(roles + MARK + databases).configuration(configuration, configuration);

      // When
      TestServer server = pod.start().awaitReady();

      // Then
      assertThat(names(server, "SELECT datname FROM pg_database"))
          .containsExactlyInAnyOrderElementsOf(plus(NAMES, "postgres", "template0", "template1"));
      assertThat(names(server, "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'"))
          .containsExactlyInAnyOrderElementsOf(
              plus(NAMES, "postgres", "pgi_operator", "pgi_superuser_access"));
      assertThat(names(server, "SELECT rolname FROM pg_roles WHERE rolsuper"))
          .containsExactly("postgres");
      assertThat(server.exec("ls /tmp")).doesNotContain("pwned");
    }
  }

  private static String rolesSql(String name) {
    Map<String, String> spec = Map.of("version", Docker.MAJOR, "database", name, "username", name);
    return RolesSql.render(
        Snapshots.of(Serialization.asJson(spec)).instance().getSpec(),
        "",
        new Verifiers("", "", Optional.empty(), Optional.empty()));
  }

  private static List<String> names(TestServer server, String query) {
    String json =
        server.superuserQuery("SELECT json_agg(n) FROM (%s) AS names(n)".formatted(query));
    return List.of(Serialization.unmarshal(json, String[].class));
  }

  private static List<String> plus(List<String> names, String... more) {
    return Stream.concat(names.stream(), Stream.of(more)).toList();
  }
}
