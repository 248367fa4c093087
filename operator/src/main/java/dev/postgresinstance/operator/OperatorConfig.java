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
 * @param watchNamespaces {@code WATCH_NAMESPACES}: the namespaces that the operator serves,
 *     separated by commas; default: empty, which means all namespaces
 * @param images {@code POSTGRES_IMAGES}: the image of each major version; entries replace those of
 *     the default table
 * @param operatorImage {@code OPERATOR_IMAGE}: the image of this operator, which the backup pods
 *     run; default: empty, which means that there are no backups and no restores
 * @param databasesByNodePort {@code DATABASE_ACCESS}: how the operator itself connects to the
 *     databases, {@code ClusterIP} or {@code NodePort}; default: {@code ClusterIP} inside a
 *     cluster, {@code NodePort} outside
 * @param lease {@code LEASE}: namespace and name, separated by a slash, of the lease that this
 *     process must hold in order to write; default: empty, for a single process without leader
 *     election
 * @param identity {@code HOSTNAME}: identity of this process among those that compete for the
 *     lease; the name of the pod in a cluster; default: random
 * @param healthPort {@code HEALTH_PORT}: port of {@code /livez}, {@code /readyz} and {@code
 *     /metrics}, 0 to 65535; 0 means any free port; default: 8080
 * @param logLevel {@code LOG_LEVEL}: TRACE, DEBUG, INFO (default), WARN or ERROR
 * @param logFormat {@code LOG_FORMAT}: text (default), or json for one JSON object per line
 */
public record OperatorConfig(
    Set<String> watchNamespaces,
    PostgresImages images,
    Optional<String> operatorImage,
    boolean databasesByNodePort,
    Optional<LeaseName> lease,
    String identity,
    int healthPort,
    String logLevel,
    String logFormat) {

  private static final String NAMESPACE = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final String LEASE_NAME = "[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?";
  private static final String PORT =
      "\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5]";

  /**
   * Reads the configuration from environment variables.
   *
   * @throws IllegalArgumentException if a value is invalid; the message names the variable, the
   *     value and the expected form
   */
  public static OperatorConfig fromEnvironment(Map<String, String> environment) {
    boolean inCluster = environment.containsKey("KUBERNETES_SERVICE_HOST");
    Variables variables = new Variables(environment);
    String namespaces =
        variables.get(
            "WATCH_NAMESPACES",
            "",
            "|%1$s(\\s*,\\s*%1$s)*".formatted(NAMESPACE),
            "a list of namespaces, for example one,two");
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
        Optional.of(variables.get("OPERATOR_IMAGE", "", ".*", "an image"))
            .filter(given -> !given.isEmpty()),
        access.equals("NodePort"),
        Optional.of(lease).filter(given -> !given.isEmpty()).map(LeaseName::parse),
        variables.get("HOSTNAME", UUID.randomUUID().toString(), ".*", "a name"),
        Integer.parseInt(variables.get("HEALTH_PORT", "8080", PORT, "a port from 0 to 65535")),
        variables.get("LOG_LEVEL", "INFO", "TRACE|DEBUG|INFO|WARN|ERROR", "a log level"),
        variables.get("LOG_FORMAT", "text", "text|json", "text or json"));
  }

  private record Variables(Map<String, String> environment) {

    /** Treats an empty variable as unset, because the chart passes on empty values. */
    String get(String name, String defaultValue, String pattern, String form) {
      String given = environment.getOrDefault(name, "").strip();
      String value = given.isEmpty() ? defaultValue : given;
      if (!value.matches(pattern)) {
        throw new IllegalArgumentException("%s: \"%s\" is not %s".formatted(name, value, form));
      }
      return value;
    }
  }
}
