package dev.postgresinstance.operator;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The operator's configuration, read once from the environment.
 *
 * @param watchNamespaces {@code WATCH_NAMESPACES}: the namespaces it serves, separated by commas;
 *     empty, the default, means all
 * @param images {@code POSTGRES_IMAGES}: major version to image, entries replace those of the
 *     default table
 * @param databasesByNodePort {@code DATABASE_ACCESS}: how the operator itself reaches the
 *     databases, {@code ClusterIP} or {@code NodePort}; the default inside a cluster is the first,
 *     outside the second
 * @param lease {@code LEASE}: namespace and name of the lease, separated by a slash, that this
 *     process must hold to act; empty, the default, where no other one runs
 * @param identity {@code HOSTNAME}: what distinguishes this process from others that want the
 *     lease; in a cluster the name of the pod; random by default
 * @param healthPort {@code HEALTH_PORT}: port of {@code /livez} and {@code /readyz}, 0 to 65535; 0
 *     takes any free one; default 8080
 * @param logLevel {@code LOG_LEVEL}: TRACE, DEBUG, INFO (default), WARN or ERROR
 * @param logFormat {@code LOG_FORMAT}: text (default), a line for people, or json, an object in
 *     each line
 */
public record OperatorConfig(
    Set<String> watchNamespaces,
    PostgresImages images,
    boolean databasesByNodePort,
    Optional<String> lease,
    String identity,
    int healthPort,
    String logLevel,
    String logFormat) {

  private static final String NAMESPACE = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final String LEASE_NAME = "[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?";
  private static final String PORT =
      "\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5]";

  /**
   * Reads the configuration.
   *
   * @throws IllegalArgumentException naming the variable and what is wrong with it
   */
  public static OperatorConfig fromEnvironment(Map<String, String> environment) {
    boolean inCluster = environment.containsKey("KUBERNETES_SERVICE_HOST");
    Variables variables = new Variables(environment);
    String namespaces =
        variables.get(
            "WATCH_NAMESPACES",
            "",
            "|%1$s(\\s*,\\s*%1$s)*".formatted(NAMESPACE),
            "a list of namespaces, as in one,two");
    String access =
        variables.get(
            "DATABASE_ACCESS",
            inCluster ? "ClusterIP" : "NodePort",
            "ClusterIP|NodePort",
            "ClusterIP or NodePort");
    String lease =
        variables.get(
            "LEASE", "", "|" + NAMESPACE + "/" + LEASE_NAME, "a namespace, a slash and a name");
    return new OperatorConfig(
        namespaces.isEmpty() ? Set.of() : new TreeSet<>(List.of(namespaces.split("\\s*,\\s*"))),
        PostgresImages.parse(variables.get("POSTGRES_IMAGES", "", ".*", "a list of images")),
        access.equals("NodePort"),
        Optional.of(lease).filter(given -> !given.isEmpty()),
        variables.get("HOSTNAME", UUID.randomUUID().toString(), ".*", "a name"),
        Integer.parseInt(variables.get("HEALTH_PORT", "8080", PORT, "a port from 0 to 65535")),
        variables.get("LOG_LEVEL", "INFO", "TRACE|DEBUG|INFO|WARN|ERROR", "a level of the log"),
        variables.get("LOG_FORMAT", "text", "text|json", "text or json"));
  }

  private record Variables(Map<String, String> environment) {

    /** An empty variable is one that is not set: a chart may hand on an empty value. */
    String get(String name, String byDefault, String pattern, String form) {
      String given = environment.getOrDefault(name, "").strip();
      String value = given.isEmpty() ? byDefault : given;
      if (!value.matches(pattern)) {
        throw new IllegalArgumentException("%s: \"%s\" is not %s".formatted(name, value, form));
      }
      return value;
    }
  }
}
