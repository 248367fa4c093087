package dev.postgresinstance.operator;

import dev.postgresinstance.operator.management.LogConfiguration;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.javaoperatorsdk.operator.OperatorException;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** Starts the operator: as a process, or inside the JVM of a test. */
public final class Main {

  /**
   * The client gives up after so long: a pass that hangs holds a thread that others wait for. The
   * framework repeats the pass.
   */
  private static final int REQUEST_TIMEOUT_MILLIS = 5_000;

  /**
   * After an outage a watch, or the list before it, comes again after this time first, and then
   * after twice the time as before, five times: after 16 seconds at the latest.
   */
  private static final int FIRST_WATCH_AGAIN_MILLIS = 500;

  private static final int HEAP_SECONDS = 20;

  private Main() {}

  /**
   * The process. Ends with 2 and one line when the configuration is bad or the cluster cannot be
   * served. Otherwise its threads go on until a signal ends it.
   */
  public static void main(String[] arguments) {
    try {
      OperatorConfig config = OperatorConfig.fromEnvironment(System.getenv());
      LogConfiguration.choose(config.logLevel(), config.logFormat());
      RunningOperator operator = start(config, Config.autoConfigure(null), http -> {}, Main::end);
      Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "stop"));
      giveBackHeap();
    } catch (IllegalArgumentException | OperatorException e) {
      cannotStart(e.getMessage());
    } catch (RuntimeException | Error e) {
      // What the client throws says nothing, only the innermost of its causes does.
      cannotStart(
          Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
              .reduce(e, (outer, cause) -> cause)
              .toString());
    }
  }

  private static void cannotStart(String why) {
    System.err.println(("cannot start: " + why).replaceAll("\\s+", " "));
    System.exit(2);
  }

  /**
   * Starts to serve, and returns when the caches are filled, as far as the operator has the rights.
   * While the API server does not answer, or lets it read no instances, it waits.
   *
   * @param cluster the API server, and how to reach it
   * @param http may add to how requests are sent
   * @param onFatal is told why the operator cannot go on; it must not act any more, as if it had
   *     been killed
   * @throws OperatorException when the cluster cannot be served
   */
  public static RunningOperator start(
      OperatorConfig config,
      Config cluster,
      Consumer<HttpClient.Builder> http,
      Consumer<String> onFatal) {
    return RunningOperator.start(config, bounded(cluster), http, onFatal);
  }

  private static Config bounded(Config cluster) {
    return new ConfigBuilder(cluster)
        .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
        .withConnectionTimeout(REQUEST_TIMEOUT_MILLIS)
        // The client's own retries would hold the thread; the framework's do not.
        .withRequestRetryBackoffLimit(1)
        .withWatchReconnectInterval(FIRST_WATCH_AGAIN_MILLIS)
        .build();
  }

  /**
   * What much work has taken of the heap goes back to the system soon. By itself the serial
   * collector looks through all of it only when it is as large as it may be.
   */
  private static void giveBackHeap() {
    Thread.Builder thread = Thread.ofPlatform().daemon().name("heap");
    Future<?> unused =
        Executors.newSingleThreadScheduledExecutor(thread.factory())
            .scheduleWithFixedDelay(System::gc, HEAP_SECONDS, HEAP_SECONDS, TimeUnit.SECONDS);
  }

  /** At once: what runs at a proper end waits for threads that may be the trouble. */
  private static void end(String why) {
    LoggerFactory.getLogger(Main.class).error("ends: {}", why);
    Runtime.getRuntime().halt(1);
  }
}
