package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.LostNode;
import dev.postgresinstance.tests.support.Recorder;
import dev.postgresinstance.tests.support.Steadily;
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

/** Fifty instances on a node that is gone. Alone, because what it costs is measured. */
@Isolated
class ManyLostTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final int INSTANCES = 50;
  private static final Duration MINUTE = Duration.ofSeconds(60);

  /** For a change of a parameter, most of which the kubelet takes to write a file. */
  private static final Duration SOON = Duration.ofSeconds(20);

  /** One for each instance in five seconds, and half as many for good measure. */
  private static final long MOST_REQUESTS = INSTANCES * 18;

  @Test
  @Tag("long")
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void theOthersAreServedAsBefore() throws Exception {
    // Given
    Instance orders = given.instanceInNamespaceOfItsOwn("orders").running();
    Duration before = served(orders, "5MB");
    try (LostNode node = new LostNode("lost-" + given.namespace());
        Client session = Client.connect(orders)) {
      List<Instance> lost =
          IntStream.rangeClosed(1, INSTANCES)
              .mapToObj(
                  n -> given.instance("lost-" + n).pod("nodeSelector", node.labels()).applied())
              .toList();

      // When
      lost.forEach(instance -> node.take(instance, nobody(orders)));

      // Then
      lost.forEach(instance -> Eventually.instance(instance).isNotReady(Reason.NODE_LOST));
      Recorder recorder = given.operator().recorder();
      recorder.clear();
      Steadily.during(
          MINUTE,
          "the operator is alive, and the others are untouched",
          () -> {
            assertThat(given.operator().isAlive()).isTrue();
            assertThat(session.read("SELECT 1")).isEqualTo("1");
          });
      var cost = recorder.countsIn(given.namespace());
      Duration meanwhile = served(orders, "6MB");
      Instant start = Instant.now();
      given.instanceInNamespaceOfItsOwn("desk").running();
      Duration made = Duration.between(start, Instant.now());
      System.out.printf(
          "%d lost: a change of another one is in force after %s, before them after %s; one is made in %s;"
              + " they cost in a minute %s%n",
          INSTANCES, meanwhile, before, made, cost);
      assertThat(meanwhile).isLessThan(before.plus(SOON));
      assertThat(cost.values().stream().mapToLong(count -> count).sum()).isLessThan(MOST_REQUESTS);
    }
  }

  private static Duration served(Instance instance, String workMem) {
    Instant start = Instant.now();
    instance.change(spec -> spec.parameter("work_mem", workMem));
    Eventually.that(
        "a change is in force",
        () -> assertThat(Cluster.psql(instance, "SHOW work_mem")).isEqualTo(workMem));
    return Duration.between(start, Instant.now());
  }

  /** An address in the network of the nodes that nobody has. */
  private static String nobody(Instance instance) {
    return instance.pod().getStatus().getHostIP().replaceFirst("[.][0-9]+$", ".253");
  }
}
