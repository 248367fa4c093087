package dev.postgresinstance.tests.support;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;

/** What `make` tells the tests by the environment; the defaults serve a run from an IDE. */
public final class Settings {

  private Settings() {}

  /** The context of the kubeconfig to use; no other is ever touched. */
  public static String context() {
    return get("PGI_TEST_CONTEXT").orElse("kind-pgi-test");
  }

  /** Whether the operator is the one that Helm installs, and not one in this JVM. */
  public static boolean operatorIsInstalled() {
    String operator = get("PGI_OPERATOR").orElse("in-process");
    return switch (operator) {
      case "in-process" -> false;
      case "installed" -> true;
      default ->
          throw new IllegalArgumentException(
              "PGI_OPERATOR is " + operator + "; it may be in-process or installed");
    };
  }

  public static String helm() {
    return get("PGI_HELM").orElse("helm");
  }

  public static String kubectl() {
    return get("PGI_KUBECTL").orElse("kubectl");
  }

  /** The program that says what GitOps tools make of an object. */
  public static String gitOpsHealth() {
    return get("PGI_GITOPS_HEALTH").orElse("gitops-health");
  }

  /** The program through which the API server is reached where the way to it is to be cut. */
  static String toxiproxy() {
    return get("PGI_TOXIPROXY").orElse("toxiproxy-server");
  }

  /** The folder of the chart; Maven runs the tests in the folder of their module. */
  public static String chart() {
    return get("PGI_CHART").orElse("../helm/postgres-instance-operator");
  }

  /** The operator's image in the cluster; without it the chart's own. */
  public static Optional<String> operatorImage() {
    return get("PGI_OPERATOR_IMAGE");
  }

  /**
   * The image of an operator that makes pods otherwise and has another start script, in the
   * cluster.
   */
  public static String nextOperatorImage() {
    return get("PGI_NEXT_OPERATOR_IMAGE")
        .orElseThrow(() -> new IllegalStateException("PGI_NEXT_OPERATOR_IMAGE is not set"));
  }

  /** The image of PostgreSQL 17 in the cluster; without it the operator's own table decides. */
  public static Optional<String> postgresImage() {
    return get("PGI_POSTGRES_IMAGE");
  }

  /** The same image by another name, which is on the node and in no registry. */
  public static String otherPostgresImage() {
    return get("PGI_OTHER_POSTGRES_IMAGE").orElse("localhost:1/postgres:other");
  }

  /** How long the churn goes on. */
  public static Duration churnTime() {
    return Duration.ofMinutes(Long.parseLong(get("PGI_CHURN_MINUTES").orElse("10")));
  }

  /** How many instances it changes. */
  public static int churnInstances() {
    return Integer.parseInt(get("PGI_CHURN_INSTANCES").orElse("10"));
  }

  /** What its choices follow from; the same seed makes the same ones again. */
  public static long churnSeed() {
    return get("PGI_CHURN_SEED")
        .map(Long::parseLong)
        .orElseGet(() -> (long) new Random().nextInt(1 << 20));
  }

  /** How long nothing is written for instances that nobody changes. */
  public static Duration quietTime() {
    return Duration.ofMinutes(Long.parseLong(get("PGI_QUIET_MINUTES").orElse("10")));
  }

  /** Whether this run is of all tests there are. */
  static boolean allTests() {
    return get("PGI_ALL_TESTS").isPresent();
  }

  private static Optional<String> get(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
  }
}
