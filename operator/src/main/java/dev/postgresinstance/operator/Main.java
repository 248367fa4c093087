package dev.postgresinstance.operator;

import dev.postgresinstance.operator.management.LogConfiguration;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.javaoperatorsdk.operator.OperatorException;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** Starts the operator: as a process, or inside the JVM of a test. */
public final class Main {

  /**
   * Timeout of a request to the API server. A hanging reconciliation would occupy a thread that
   * others wait for; after a timeout the framework retries the reconciliation.
   */
  private static final int REQUEST_TIMEOUT_MILLIS = 5_000;

  /**
   * Delay before the first attempt to restore a watch, or to repeat the list before it. The delay
   * doubles five times, to at most 16 s.
   */
  private static final int WATCH_RECONNECT_MILLIS = 500;

  private Main() {}

  /**
   * Runs the operator until a signal stops it. If the configuration is invalid or the operator
   * cannot serve the cluster, prints one line and exits with code 2.
   */
  public static void main(String[] arguments) {
    try {
      OperatorConfig config = OperatorConfig.fromEnvironment(System.getenv());
      LogConfiguration.choose(config.logLevel(), config.logFormat());
      RunningOperator operator = start(config, Config.autoConfigure(null), http -> {}, Main::halt);
      Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "stop"));
      HeapRelease.start();
    } catch (RuntimeException | Error e) {
      System.err.println(("Cannot start: " + problem(e)).replaceAll("\\s+", " "));
      System.exit(2);
    }
  }

  /** Only the innermost cause of the exceptions of client and framework names the problem. */
  static String problem(Throwable failure) {
    Throwable innermost =
        Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
            .reduce(failure, (outer, cause) -> cause);
    if (failure instanceof IllegalArgumentException) {
      return failure.getMessage();
    }
    if (!(failure instanceof OperatorException)) {
      return innermost.toString();
    }
    String cause = String.valueOf(innermost.getMessage());
    return failure.getMessage().contains(cause)
        ? failure.getMessage()
        : failure.getMessage() + ": " + cause;
  }

  /**
   * Starts the operator, and returns when its caches are synced, as far as its permissions allow.
   * Waits while the API server does not answer or does not let the operator read instances.
   *
   * @param cluster how to reach the API server
   * @param http customizes the HTTP client of the operator
   * @param onFatal called with the reason when the operator cannot continue; it must prevent any
   *     further action, as if the process had been killed
   * @throws OperatorException when the operator cannot serve the cluster
   */
  public static RunningOperator start(
      OperatorConfig config,
      Config cluster,
      Consumer<HttpClient.Builder> http,
      Consumer<String> onFatal) {
    return RunningOperator.start(config, withTimeouts(cluster), http, onFatal);
  }

  private static Config withTimeouts(Config cluster) {
    return new ConfigBuilder(cluster)
        .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
        .withConnectionTimeout(REQUEST_TIMEOUT_MILLIS)
        // Retries in the client would occupy the thread; retries of the framework do not.
        .withRequestRetryBackoffLimit(1)
        .withWatchReconnectInterval(WATCH_RECONNECT_MILLIS)
        .build();
  }

  /** Halts without the shutdown hooks, which wait for threads that may be the cause. */
  private static void halt(String cause) {
    LoggerFactory.getLogger(Main.class).error("Exiting: {}", cause);
    Runtime.getRuntime().halt(1);
  }
}
