package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.processing.Controller;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Takes a minute, because the operator tolerates missing heartbeats for that long. */
@Order(1)
class RunningOperatorTest {

  private static final Duration HEARTBEAT_PATIENCE = Duration.ofMinutes(2);

  @Test
  void isNotAliveWhileTheEventProcessorIsBlocked() throws Exception {
    // Given
    try (ManyInstances cluster = new ManyInstances(0);
        RunningOperator running = start(cluster)) {
      Callable<Integer> livez = () -> MainProcess.status(running.healthPort(), "/livez");
      assertThat(livez.call()).isEqualTo(200);

      // When: the test holds the lock, as in a deadlock
      synchronized (eventProcessor(running)) {

        // Then
        await().atMost(HEARTBEAT_PATIENCE).until(() -> livez.call() == 503);
      }
      await().atMost(HEARTBEAT_PATIENCE).until(() -> livez.call() == 200);
    }
  }

  private static RunningOperator start(ManyInstances cluster) {
    Config config =
        new ConfigBuilder(Config.empty()).withMasterUrl(MainProcess.url(cluster.port())).build();
    return RunningOperator.start(
        OperatorConfig.fromEnvironment(Map.of("HEALTH_PORT", "0")),
        config,
        http -> {},
        fatal -> {});
  }

  private static Object eventProcessor(RunningOperator running) {
    RegisteredController<?> controller =
        running.operator.getRegisteredControllers().iterator().next();
    return ((Controller<?>) controller).getEventProcessor();
  }
}
