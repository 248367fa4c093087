package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The API server is faulty for a while; afterwards the requested state is reached without other
 * effects. Isolated, because the shared operator runs behind the faults.
 */
@Isolated
@Tag("faults")
class ApiFaultsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final ApiFaults faults = new ApiFaults();
  private static final Duration CONVERGENCE = Duration.ofSeconds(30);

  private static Instance orders;
  private static int values = 10;
  private static int passed;

  @BeforeAll
  static void operatorBehindFaults() {
    given.operator().stop();
    given.operator().startBehind(faults);
    orders = given.instance("orders").running();
  }

  @AfterAll
  static void restoreSharedOperator() {
    System.out.printf("API server: %d/%d%n", passed, ApiFaults.Kind.values().length - 1);
    faults.end();
    given.operator().stop();
    given.operator().start();
    faults.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "OVERLOADED, 600",
    "SLOW, 60",
    "CONFLICTS, 60",
    "LOST_REPLIES, 60",
    "LATE_REPLIES, 60",
    "CUT_WATCHES, 60",
    "GONE, 60",
    "AWAY, 60"
  })
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void requestedStateIsReachedAfterFaultWithoutOtherEffects(ApiFaults.Kind kind, long seconds)
      throws Exception {
    // Given: an instance created before the fault, one created during the fault, and repeated
    // changes
    AtomicInteger checks = new AtomicInteger();
    Pod pod = orders.pod();
    try (Client client = Client.connect(orders);
        InstanceRecorder recorder = InstanceRecorder.of(orders)) {
      faults.begin(kind);
      Instance late = given.instance(name(kind)).applied();
      Consistently.during(
          Duration.ofSeconds(seconds),
          "the operator is alive, and the server keeps running",
          () -> {
            assertThat(given.operator().isAlive()).isTrue();
            client.execute("SELECT 1");
            if (checks.getAndIncrement() % 4 == 0) {
              requestAnotherValue();
            }
          });

      // When
      int count = faults.end();
      Instant end = Instant.now();

      // Then
      assertThat(count).as("number of faults").isPositive();
      Eventually.that(
          "the change is in effect",
          () -> assertThat(Cluster.psql(orders, "SHOW work_mem")).isEqualTo(requestedValue()));
      Eventually.instance(orders).isReady();
      Eventually.instance(late).isReady();
      Duration took = Duration.between(end, Instant.now());
      System.out.printf("%s: %d faults in %d s, then %s%n", kind, count, seconds, took);
      assertThat(took).isLessThan(CONVERGENCE);
      orders.assertHas(pod);
      recorder.assertNothingElse(Flow.RELOAD);
    }
    passed++;
  }

  private static void requestAnotherValue() {
    values++;
    orders.change(spec -> spec.parameter("work_mem", requestedValue()));
  }

  private static String requestedValue() {
    return values + "MB";
  }

  private static String name(ApiFaults.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
