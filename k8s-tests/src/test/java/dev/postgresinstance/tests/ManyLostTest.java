package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.LostNode;
import dev.postgresinstance.tests.support.Recorder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Fifty instances on a lost node. Isolated, because it measures their cost. */
@Isolated
class ManyLostTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final int INSTANCES = 50;
  private static final Duration MINUTE = Duration.ofSeconds(60);

  /** For a change of a parameter; most of it is the time that the kubelet takes to write a file. */
  private static final Duration PARAMETER_CHANGE = Duration.ofSeconds(20);

  /** Within a minute: one for each instance in five seconds, and half as many as a margin. */
  private static final long MAX_REQUESTS = INSTANCES * 18;

  @Test
  @Tag("long")
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void otherInstancesAreReconciledAsBefore() throws Exception {
    // Given
    Instance orders = given.instanceInOwnNamespace("orders").running();
    Duration before = durationOfChange(orders, "5MB");
    try (LostNode node = new LostNode("lost-" + given.namespace());
        Client session = Client.connect(orders)) {
      List<Instance> lost =
          IntStream.rangeClosed(1, INSTANCES)
              .mapToObj(
                  n -> given.instance("lost-" + n).pod("nodeSelector", node.labels()).applied())
              .toList();

      // When
      lost.forEach(instance -> node.hostPodOf(instance, unusedAddress(orders)));

      // Then
      lost.forEach(instance -> Eventually.instance(instance).isNotReady(Reason.NODE_LOST));
      Recorder recorder = given.operator().recorder();
      recorder.clearIn(given.namespace());
      Consistently.during(
          MINUTE,
          "the operator is alive, and the session with another instance continues",
          () -> {
            assertThat(given.operator().isAlive()).isTrue();
            assertThat(session.read("SELECT 1")).isEqualTo("1");
          });
      var requests = recorder.countsIn(given.namespace());
      Duration meanwhile = durationOfChange(orders, "6MB");
      Instant start = Instant.now();
      given.instanceInOwnNamespace("desk").running();
      Duration creation = Duration.between(start, Instant.now());
      System.out.printf(
          "%d instances lost: a change of another instance takes %s, before the loss %s; a new instance takes %s;"
              + " requests for the lost instances in a minute: %s%n",
          INSTANCES, meanwhile, before, creation, requests);
      assertThat(meanwhile).isLessThan(before.plus(PARAMETER_CHANGE));
      assertThat(requests.values().stream().mapToLong(count -> count).sum())
          .isLessThan(MAX_REQUESTS);
    }
  }

  private static Duration durationOfChange(Instance instance, String workMem) {
    Instant start = Instant.now();
    instance.change(spec -> spec.parameter("work_mem", workMem));
    Eventually.that(
        "the change is in effect",
        () -> assertThat(Cluster.psql(instance, "SHOW work_mem")).isEqualTo(workMem));
    return Duration.between(start, Instant.now());
  }

  /** An unused address in the network of the nodes. */
  private static String unusedAddress(Instance instance) {
    return instance.pod().getStatus().getHostIP().replaceFirst("[.][0-9]+$", ".253");
  }
}
