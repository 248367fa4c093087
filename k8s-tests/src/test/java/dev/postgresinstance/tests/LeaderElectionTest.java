package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CompetingOperators;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.Toxiproxy;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Two operators, of which only the leader acts. Isolated, because they replace the operator of all
 * tests and serve the whole cluster.
 */
@Isolated
class LeaderElectionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  /** In seconds; the time until another operator takes over from a killed one. */
  private static final int LEASE_DURATION = 20;

  /** How long a busy machine may take for what usually takes seconds. */
  private static final Duration EXIT = Duration.ofMinutes(1);

  private static final int KILLED = 137;
  private static final int TERMINATED = 143;

  private static Instance orders;

  private CompetingOperators operators;
  private Toxiproxy proxy;
  private OperatorProcess first;
  private OperatorProcess second;

  @BeforeAll
  static void instance() {
    orders = given.instance("orders").running();
    given.operator().stop();
  }

  @AfterAll
  static void restoreOperator() {
    given.operator().start();
  }

  @BeforeEach
  void twoOperators() {
    // Given
    operators = new CompetingOperators(given.namespace());
    proxy = Toxiproxy.toApiServer();
    first = operators.start(proxy);
    operators.waitForLeader(first);
    second = operators.start();
    operators.waitUntilUp();
  }

  @AfterEach
  void stopOperators() {
    operators.close();
    proxy.close();
  }

  @Test
  void standbyTakesOverFromKilledLeader() {
    // Given
    assertThat(operators.leaseDuration()).isEqualTo(LEASE_DURATION);

    // When
    first.signal("KILL");

    // Then
    operators.waitForLeader(second);
    assertThat(first.exitCode(EXIT)).isEqualTo(KILLED);
    assertChangeTakesEffect("1MB");
    operators.assertOneWriterAtATime();
  }

  @Test
  void terminatedLeaderReleasesTheLease() {
    // When
    first.signal("TERM");

    // Then
    assertThat(first.exitCode(EXIT)).isEqualTo(TERMINATED);
    assertThat(first.log()).contains("Released the lease");
    operators.waitForLeader(second);
    assertChangeTakesEffect("2MB");
    operators.assertOneWriterAtATime();
  }

  @Test
  void brieflyStoppedLeaderExitsWithoutWriting() {
    assertStoppedLeaderExitsWithoutWriting(Duration.ofSeconds(5), "3MB");
  }

  @Test
  @Tag("long")
  void leaderStoppedForAMinuteExitsWithoutWriting() {
    assertStoppedLeaderExitsWithoutWriting(Duration.ofSeconds(60), "4MB");
  }

  private void assertStoppedLeaderExitsWithoutWriting(Duration time, String workMem) {
    // Given
    first.signal("STOP");
    operators.waitForLeader(second);
    // A change that both operators would write
    assertChangeTakesEffect(workMem);
    orders.change(spec -> spec.service("annotations", Map.of("example.com/n", workMem)));
    Consistently.during(
        time,
        "the other operator leads",
        () -> assertThat(operators.leader()).contains(second.name()));

    // When
    first.signal("CONT");

    // Then
    assertThat(first.exitCode(EXIT)).isEqualTo(1);
    assertThat(first.log()).contains("Exiting: lost the lease");
    Eventually.instance(orders).isReady();
    operators.assertOneWriterAtATime();
  }

  @Test
  @Tag("long")
  void leaderCutOffFromApiServerExits() {
    // When
    proxy.cut();

    // Then
    operators.waitForLeader(second);
    assertThat(first.exitCode(EXIT)).isEqualTo(1);
    assertChangeTakesEffect("5MB");
    operators.assertOneWriterAtATime();
  }

  @Test
  @Tag("long")
  void operatorCatchesUpSoonAfterOutageOfAMinute() {
    // Given: a single operator, which is started again after its exit, as the kubelet does
    second.close();
    proxy.cut();
    assertThat(first.exitCode(EXIT)).isEqualTo(1);
    OperatorProcess restarted = operators.start(proxy);
    orders.change(spec -> spec.parameter("work_mem", "6MB"));
    Consistently.during(
        Duration.ofSeconds(60),
        "the operator waits",
        () -> assertThat(restarted.isAlive()).isTrue());

    // When
    proxy.restore();

    // Then
    assertChangeTakesEffect("6MB");
    operators.assertOneWriterAtATime();
  }

  private static void assertChangeTakesEffect(String workMem) {
    orders.change(spec -> spec.parameter("work_mem", workMem));
    Eventually.that(
        "the change is in effect",
        () -> assertThat(Cluster.psql(orders, "SHOW work_mem")).isEqualTo(workMem));
  }
}
