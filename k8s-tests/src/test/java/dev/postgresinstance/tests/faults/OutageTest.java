package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Steadily;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What an API server that was away is asked when it is back: in no second as much as if all
 * instances came at once, and soon no more than before. Alone, because the operator runs behind the
 * fault.
 */
@Isolated
@Tag("faults")
class OutageTest {

  @RegisterExtension static final Given given = Given.inOwnNamespaceWithoutPods();

  private static final ApiFaults faults = new ApiFaults();
  private static final RequestRate requests = new RequestRate(faults);
  private static final int INSTANCES = 40;
  private static final Duration WHILE = Duration.ofSeconds(30);

  /**
   * A client that asks after a second, after two more, after four, as the library does on its own,
   * has just asked, and asks again in half a minute.
   */
  private static final Duration OUTAGE = Duration.ofSeconds(65);

  private static final Duration CONVERGENCE = Duration.ofSeconds(30);

  @BeforeAll
  static void operatorBehindFaults() {
    given.operator().stop();
    given.operator().startBehind(requests);
  }

  @AfterAll
  static void operatorAsForAllTests() {
    given.operator().stop();
    given.operator().start();
    faults.close();
  }

  @Test
  void thereIsNoStormAfterIt() {
    // Given: instances that wait, each of which is looked at again and again
    List<Instance> many =
        IntStream.rangeClosed(1, INSTANCES)
            .mapToObj(n -> given.instance("waiting-" + n).applied())
            .toList();
    many.forEach(instance -> Eventually.instance(instance).isNotReady(Reason.QUOTA_EXCEEDED));
    RequestRate.Rate ordinary = rate();
    given.operator().stop();
    Instant restart = Instant.now();
    given.operator().startBehind(requests);
    rate();
    RequestRate.Rate ofRestart = requests.since(restart);

    // When
    Instant begin = Instant.now();
    faults.begin(ApiFaults.Kind.AWAY);
    Instance late = given.instance("late").applied();
    Eventually.that(
        "it has been away for long",
        () -> assertThat(Duration.between(begin, Instant.now())).isGreaterThan(OUTAGE));
    RequestRate.Rate meanwhile = requests.since(begin);
    faults.end();
    Instant end = Instant.now();

    // Then
    Eventually.instance(late).isNotReady(Reason.QUOTA_EXCEEDED);
    Duration took = Duration.between(end, Instant.now());
    rate();
    RequestRate.Rate afterwards = requests.since(end);
    System.out.printf(
        "%d instances%n ordinary:  %s%n restart:   %s%n away:      %s%n afterwards: %s; %s until all is as asked for%n",
        INSTANCES, ordinary, ofRestart, meanwhile, afterwards, took);
    assertThat(took).isLessThan(CONVERGENCE);
    assertThat(afterwards.most()).isLessThan(Math.max(INSTANCES, ofRestart.most()));
    assertThat(afterwards.average()).isLessThan(2 * ordinary.average());
  }

  /** Of a while from now on. */
  private static RequestRate.Rate rate() {
    Instant start = Instant.now();
    Steadily.during(
        WHILE, "the operator is alive", () -> assertThat(given.operator().isAlive()).isTrue());
    return requests.since(start);
  }
}
