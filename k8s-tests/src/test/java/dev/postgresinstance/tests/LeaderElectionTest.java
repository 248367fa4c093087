package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.Rivals;
import dev.postgresinstance.tests.support.Steadily;
import dev.postgresinstance.tests.support.Toxiproxy;
import java.time.Duration;
import java.time.Instant;
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
 * Two operators, of which one acts. Alone, because they serve the whole cluster in place of the one
 * of all tests.
 */
@Isolated
class LeaderElectionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Duration TAKE_OVER = Duration.ofSeconds(20);
  private static final Duration EXIT = Duration.ofSeconds(10);
  private static final Duration CONVERGENCE = Duration.ofSeconds(30);
  private static final int KILLED = 137;
  private static final int TERMINATED = 143;

  private static Instance orders;

  private Rivals rivals;
  private Toxiproxy way;
  private OperatorProcess first;
  private OperatorProcess second;

  @BeforeAll
  static void instance() {
    orders = given.instance("orders").running();
    given.operator().stop();
  }

  @AfterAll
  static void operatorAsForAllTests() {
    given.operator().start();
  }

  @BeforeEach
  void twoOperators() {
    // Given
    rivals = new Rivals(given.namespace());
    way = Toxiproxy.toApiServer();
    first = rivals.start(way);
    rivals.waitForLeader(first);
    second = rivals.start();
    rivals.areUp();
  }

  @AfterEach
  void end() {
    rivals.close();
    way.close();
  }

  @Test
  void whenTheLeaderIsKilledTheOtherTakesOver() {
    // When
    Instant end = Instant.now();
    first.signal("KILL");

    // Then
    rivals.waitForLeader(second);
    assertThat(Duration.between(end, Instant.now())).isLessThan(TAKE_OVER);
    assertThat(first.exitCode(EXIT)).isEqualTo(KILLED);
    isServed("1MB");
    rivals.assertOneWriterAtATime();
  }

  @Test
  void aLeaderThatIsToldToEndHandsTheLeaseOn() {
    // When
    Instant end = Instant.now();
    first.signal("TERM");

    // Then
    assertThat(first.exitCode(EXIT)).isEqualTo(TERMINATED);
    rivals.waitForLeader(second);
    assertThat(Duration.between(end, Instant.now())).isLessThan(EXIT);
    isServed("2MB");
    rivals.assertOneWriterAtATime();
  }

  @Test
  void aLeaderThatWasStoppedForAWhileEndsWithoutAWrite() {
    stopAndGoOn(Duration.ofSeconds(5), "3MB");
  }

  @Test
  @Tag("long")
  void aLeaderThatWasStoppedForAMinuteEndsWithoutAWrite() {
    stopAndGoOn(Duration.ofSeconds(60), "4MB");
  }

  private void stopAndGoOn(Duration time, String workMem) {
    // Given
    Instant stop = Instant.now();
    first.signal("STOP");
    rivals.waitForLeader(second);
    assertThat(Duration.between(stop, Instant.now())).isLessThan(TAKE_OVER);
    // Something that both would want to write
    isServed(workMem);
    orders.change(spec -> spec.service("annotations", Map.of("example.com/n", workMem)));
    Steadily.during(
        time, "the other one leads", () -> assertThat(rivals.leader()).contains(second.name()));

    // When
    first.signal("CONT");

    // Then
    assertThat(first.exitCode(EXIT)).isEqualTo(1);
    assertThat(first.log()).contains("lease");
    Eventually.instance(orders).isReady();
    rivals.assertOneWriterAtATime();
  }

  @Test
  @Tag("long")
  void aLeaderThatIsCutFromTheApiServerEnds() {
    // When
    Instant end = Instant.now();
    way.cut();

    // Then
    rivals.waitForLeader(second);
    assertThat(Duration.between(end, Instant.now())).isLessThan(TAKE_OVER);
    assertThat(first.exitCode(EXIT)).isEqualTo(1);
    isServed("5MB");
    rivals.assertOneWriterAtATime();
  }

  @Test
  @Tag("long")
  void afterAMinuteWithoutAnApiServerAllIsServedSoon() {
    // Given: no other one, and what has ended is started again, as by the kubelet
    second.close();
    way.cut();
    assertThat(first.exitCode(TAKE_OVER)).isEqualTo(1);
    OperatorProcess again = rivals.start(way);
    orders.change(spec -> spec.parameter("work_mem", "6MB"));
    Steadily.during(Duration.ofSeconds(60), "it waits", () -> assertThat(again.isAlive()).isTrue());

    // When
    Instant end = Instant.now();
    way.mend();

    // Then
    isServed("6MB");
    assertThat(Duration.between(end, Instant.now())).isLessThan(CONVERGENCE);
    rivals.assertOneWriterAtATime();
  }

  private static void isServed(String workMem) {
    orders.change(spec -> spec.parameter("work_mem", workMem));
    Eventually.that(
        "a change is in force",
        () -> assertThat(Cluster.psql(orders, "SHOW work_mem")).isEqualTo(workMem));
  }
}
