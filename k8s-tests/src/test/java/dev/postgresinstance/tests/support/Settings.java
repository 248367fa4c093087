package dev.postgresinstance.tests.support;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Settings from environment variables, which `make` sets; the defaults are for a run from an IDE.
 */
public final class Settings {

  private Settings() {}

  /** The kubeconfig context of the tests; they never use another one. */
  public static String context() {
    return get("PGI_TEST_CONTEXT").orElse("kind-pgi-test");
  }

  /** Whether the tests use an operator installed by Helm instead of one in this JVM. */
  public static boolean operatorIsInstalled() {
    String operator = get("PGI_OPERATOR").orElse("in-process");
    return switch (operator) {
      case "in-process" -> false;
      case "installed" -> true;
      default ->
          throw new IllegalArgumentException(
              "PGI_OPERATOR is " + operator + "; allowed values: in-process, installed");
    };
  }

  public static String helm() {
    return get("PGI_HELM").orElse("helm");
  }

  public static String kubectl() {
    return get("PGI_KUBECTL").orElse("kubectl");
  }

  /** The program that computes the health that GitOps tools derive from an object. */
  public static String gitOpsHealth() {
    return get("PGI_GITOPS_HEALTH").orElse("gitops-health");
  }

  /** The proxy program for tests that cut the connection to the API server. */
  static String toxiproxy() {
    return get("PGI_TOXIPROXY").orElse("toxiproxy-server");
  }

  /** The folder with the programs that log in with a URI, one for each client. */
  public static String clients() {
    return get("PGI_CLIENTS")
        .orElseThrow(
            () -> new IllegalStateException("PGI_CLIENTS is not set; use make test-clients"));
  }

  /** The folder with the program cert-manager, and with its definitions in crds/. */
  static Path certManager() {
    return get("PGI_CERT_MANAGER")
        .map(Path::of)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "PGI_CERT_MANAGER is not set; use make test-cert-manager"));
  }

  /** The folder of the chart, relative to the module, in which Maven runs the tests. */
  public static String chart() {
    return get("PGI_CHART").orElse("../helm/postgres-instance-operator");
  }

  /** The operator image for the cluster; if unset, the default of the chart. */
  public static Optional<String> operatorImage() {
    return get("PGI_OPERATOR_IMAGE");
  }

  /**
   * The image of an operator with a different pod template and a different start script, for the
   * cluster.
   */
  public static String nextOperatorImage() {
    return get("PGI_NEXT_OPERATOR_IMAGE")
        .orElseThrow(() -> new IllegalStateException("PGI_NEXT_OPERATOR_IMAGE is not set"));
  }

  /** The image of the operator of an earlier commit; empty if this clone does not contain it. */
  public static Optional<String> previousOperatorImage() {
    return get("PGI_PREVIOUS_OPERATOR_IMAGE").filter(image -> !image.isEmpty());
  }

  /** The image for PostgreSQL 17 in the cluster; if unset, the default table of the operator. */
  public static Optional<String> postgresImage() {
    return get("PGI_POSTGRES_IMAGE");
  }

  /** The same image under another name, which exists on the node and in no registry. */
  public static String otherPostgresImage() {
    return get("PGI_OTHER_POSTGRES_IMAGE").orElse("localhost:1/postgres:other");
  }

  /** The duration of the churn; default 10 minutes. */
  public static Duration churnTime() {
    return Duration.ofMinutes(Long.parseLong(get("PGI_CHURN_MINUTES").orElse("10")));
  }

  /** The number of instances that the churn changes; default 10. */
  public static int churnInstances() {
    return Integer.parseInt(get("PGI_CHURN_INSTANCES").orElse("10"));
  }

  /**
   * The seed of the random choices of the churn; random by default. The same seed repeats the same
   * choices.
   */
  public static long churnSeed() {
    return get("PGI_CHURN_SEED")
        .map(Long::parseLong)
        .orElseGet(() -> (long) new Random().nextInt(1 << 20));
  }

  /** The flows to run with crashes of the operator; empty for all. */
  public static List<String> faultFlows() {
    return get("PGI_FAULT_FLOWS").map(flows -> List.of(flows.split(",", -1))).orElse(List.of());
  }

  /** How long the operator must not write anything for unchanged instances; default 10 minutes. */
  public static Duration quietTime() {
    return Duration.ofMinutes(Long.parseLong(get("PGI_QUIET_MINUTES").orElse("10")));
  }

  /** Whether this run includes all tests. */
  static boolean allTests() {
    return get("PGI_ALL_TESTS").isPresent();
  }

  private static Optional<String> get(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
  }
}
