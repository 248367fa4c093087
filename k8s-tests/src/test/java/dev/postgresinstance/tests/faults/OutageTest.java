package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
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
 * The request rate after an outage of the API server: no second has as many requests as if all
 * instances were reconciled at once, and the rate soon returns to normal. Isolated, because the
 * shared operator runs behind the fault.
 */
@Isolated
@Tag("faults")
class OutageTest {

  @RegisterExtension static final Given given = Given.inOwnNamespaceWithoutPods();

  private static final ApiFaults faults = new ApiFaults();
  private static final RequestRate requests = new RequestRate(faults);
  private static final int INSTANCES = 40;
  private static final Duration SAMPLING_TIME = Duration.ofSeconds(30);

  /**
   * Just after a retry of a client with the default backoff of the library, which doubles from one
   * second: its next retry would be half a minute later.
   */
  private static final Duration OUTAGE = Duration.ofSeconds(65);

  private static final Duration CONVERGENCE = Duration.ofSeconds(30);

  @BeforeAll
  static void operatorBehindFaults() {
    given.operator().stop();
    given.operator().startBehind(requests);
  }

  @AfterAll
  static void restoreSharedOperator() {
    given.operator().stop();
    given.operator().start();
    faults.close();
  }

  @Test
  void outageCausesNoRequestStorm() {
    // Given: instances that cannot become ready, each of which the operator requeues
    List<Instance> instances =
        IntStream.rangeClosed(1, INSTANCES)
            .mapToObj(n -> given.instance("waiting-" + n).applied())
            .toList();
    instances.forEach(instance -> Eventually.instance(instance).isNotReady(Reason.QUOTA_EXCEEDED));
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
        "the outage has lasted long enough",
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
        "%d instances%n ordinary:  %s%n restart:   %s%n away:      %s%n afterwards: %s; %s until the requested state is reached%n",
        INSTANCES, ordinary, ofRestart, meanwhile, afterwards, took);
    assertThat(took).isLessThan(CONVERGENCE);
    assertThat(afterwards.max()).isLessThan(Math.max(INSTANCES, ofRestart.max()));
    assertThat(afterwards.average()).isLessThan(2 * ordinary.average());
  }

  /** The request rate from now on, during {@link #SAMPLING_TIME}. */
  private static RequestRate.Rate rate() {
    Instant start = Instant.now();
    Consistently.during(
        SAMPLING_TIME,
        "the operator is alive",
        () -> assertThat(given.operator().isAlive()).isTrue());
    return requests.since(start);
  }
}
