package dev.postgresinstance.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.OperatorException;

/** Starts the operator: as a process, or inside the JVM of a test. */
public final class Main {

  /**
   * The client gives up after so long: a pass that hangs holds a thread that others wait for. The
   * framework repeats the pass.
   */
  private static final int REQUEST_TIMEOUT_MILLIS = 5_000;

  private Main() {}

  /**
   * The process. Ends with 2 and one line when the configuration is bad or the cluster cannot be
   * served. Otherwise its threads go on until a signal ends it.
   */
  public static void main(String[] arguments) {
    try {
      OperatorConfig config = OperatorConfig.fromEnvironment(System.getenv());
      // Before the first logger is made; the rest is in simplelogger.properties.
      System.setProperty("org.slf4j.simpleLogger.log.dev.postgresinstance", config.logLevel());
      RunningOperator operator = start(config, client());
      Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "stop"));
    } catch (IllegalArgumentException | OperatorException e) {
      System.err.println("cannot start: " + e.getMessage());
      System.exit(2);
    }
  }

  /**
   * Starts to serve, and returns when all caches are filled.
   *
   * @param client used for all requests, and left open when the operator is closed
   * @throws OperatorException when the cluster cannot be served
   */
  public static RunningOperator start(OperatorConfig config, KubernetesClient client) {
    return RunningOperator.start(config, client);
  }

  private static KubernetesClient client() {
    Config config =
        new ConfigBuilder(Config.autoConfigure(null))
            .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
            .withConnectionTimeout(REQUEST_TIMEOUT_MILLIS)
            // The client's own retries would hold the thread; the framework's do not.
            .withRequestRetryBackoffLimit(1)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
