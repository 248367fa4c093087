package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.AuditLog;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Recorder;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** An idle operator writes nothing. Isolated, because one test restarts the operator. */
@Isolated
class QuietTest {

  private static final String OPERATOR = "postgres-instance-operator";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance orders;

  @BeforeAll
  static void instance() {
    // Given
    orders = given.instance("orders").running();
    given
        .instance("full")
        .service("annotations", Map.of("example.com/note", "kept"))
        .service("externalTrafficPolicy", "Local")
        .service("advertisedHost", "db.example.com")
        .pod("labels", Map.of("team", "shop"))
        .pod("annotations", Map.of("example.com/contact", "the shop"))
        .pod("nodeSelector", Map.of("kubernetes.io/os", "linux"))
        .pod("tolerations", List.of(Map.of("key", "databases", "operator", "Exists")))
        .pod("affinity", Map.of("podAntiAffinity", Map.of()))
        .pod("imagePullSecrets", List.of(Map.of("name", "registry")))
        .pod("runAsUser", 1000)
        .running();
  }

  @Test
  void runningInstanceCausesNoWrite() {
    // Given
    Recorder recorder = given.operator().recorder();
    recorder.waitUntilQuietIn(given.namespace());

    // When
    recorder.clearIn(given.namespace());

    // Then
    assertNoWrite(recorder);
  }

  @Test
  void restartOfOperatorCausesNoWriteAndNoServerRestart() {
    // Given
    Recorder recorder = given.operator().recorder();
    recorder.waitUntilQuietIn(given.namespace());
    Pod before = orders.pod();
    given.operator().stop();
    recorder.clearIn(given.namespace());

    // When
    given.operator().start();

    // Then
    assertNoWrite(recorder);
    Eventually.instance(orders).isReady();
    orders.assertHas(before);
  }

  @Test
  @Tag("long")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void manyIdleInstancesCauseNoWriteForALongTime() {
    // Given
    Instant begin = Instant.now();
    List<Instance> many =
        IntStream.rangeClosed(1, 20)
            .mapToObj(n -> given.instance("calm-" + n).requests("10m", "64Mi").applied())
            .toList();
    many.forEach(instance -> Eventually.instance(instance).isReady());
    Eventually.that(
        "the operator has stopped writing",
        () -> assertThat(writesSince(Instant.now().minusSeconds(30))).isEmpty());
    List<String> events = Cluster.eventsBy(OPERATOR, given.namespace());
    assertThat(writesSince(begin))
        .as("the writes that created the instances")
        .hasSizeGreaterThan(many.size());

    // When
    Instant quiet = Instant.now();

    // Then
    Consistently.during(
        Settings.quietTime(),
        "the operator writes nothing",
        () -> assertThat(writesSince(quiet)).isEmpty());
    assertThat(events).containsAll(Cluster.eventsBy(OPERATOR, given.namespace()));
    assertThat(many)
        .allSatisfy(
            instance -> assertThat(instance.ready().orElseThrow().getStatus()).isEqualTo("True"));

    // Then: the operator still reacts to changes
    many.getLast().change(spec -> spec.parameter("work_mem", "5MB"));
    Eventually.that(
        "the parameter is in effect",
        () -> assertThat(Cluster.psql(many.getLast(), "SHOW work_mem")).isEqualTo("5MB"));
  }

  /** All writes of the operator in any namespace, except those of leases. */
  private static List<AuditLog.Request> writesSince(Instant start) {
    return AuditLog.writesSince(start).stream()
        .filter(given.operator()::sent)
        .filter(write -> !write.resource().equals("leases"))
        .toList();
  }

  private static void assertNoWrite(Recorder recorder) {
    Consistently.that(
        "the operator writes nothing",
        () -> assertThat(recorder.writesIn(given.namespace())).isEmpty());
  }
}
