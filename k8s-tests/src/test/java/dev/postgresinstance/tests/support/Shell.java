package dev.postgresinstance.tests.support;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A shell for the commands of the documentation. It has kubectl with the context of the tests, and
 * psql of the image for PostgreSQL 17: the one of this machine may be older.
 */
public final class Shell {

  private Shell() {}

  /** Runs a script in a folder and returns its output. Throws if a command fails. */
  public static String run(Path folder, Map<String, String> environment, String script) {
    String variables =
        environment.entrySet().stream()
            .map(e -> "export %s='%s'\n".formatted(e.getKey(), e.getValue().replace("'", "'\\''")))
            .collect(Collectors.joining());
    return Command.runWith(variables + start(folder) + script, "bash");
  }

  /** Runs commands of the documentation, whose instance is {@code shop/orders}, for another one. */
  public static String runFor(Instance instance, Path folder, String script) {
    String adapted =
        script
            .replaceAll("-n shop\\b", "-n " + instance.namespace())
            .replaceAll("\\borders\\b", instance.name());
    return run(folder, Map.of(), adapted);
  }

  private static String start(Path folder) {
    return """
    set -euo pipefail
    cd '%s'
    kubectl() { command '%s' --context='%s' "$@"; }
    psql() {
      docker run --rm --network=host --env=PGPASSWORD --volume="$PWD:$PWD:ro" --workdir="$PWD" '%s' psql "$@"
    }
    """
        .formatted(
            folder.toAbsolutePath(),
            Settings.kubectl(),
            Settings.context(),
            Settings.postgresImage().orElse("postgres:17"));
  }
}
