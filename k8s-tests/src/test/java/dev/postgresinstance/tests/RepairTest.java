package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetSpec;
import java.sql.SQLException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Children of one instance are deleted or changed by hand, one after the other. */
class RepairTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance orders;

  @BeforeAll
  static void instance() throws SQLException {
    // Given
    orders = given.instance("orders").running();
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }
  }

  @ParameterizedTest
  @MethodSource
  void deletedChildReturns(Function<Instance, HasMetadata> child) throws SQLException {
    // Given
    HasMetadata before = child.apply(orders);
    int port = orders.nodePort();

    // When
    Cluster.delete(before);

    // Then
    Eventually.that(
        before.getKind() + " " + before.getMetadata().getName() + " is back",
        () ->
            assertThat(child.apply(orders).getMetadata().getUid())
                .isNotEqualTo(before.getMetadata().getUid()));
    Eventually.thatStays( // until neither an old pod nor an old route to it answers any more
        "the data is there",
        () -> {
          try (Client client = Client.connect(orders)) {
            assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
          }
        });
    Eventually.instance(orders).isReady();
    assertThat(orders.nodePort()).isEqualTo(port);
  }

  @Test
  @CoversReasons(Reason.OPERATOR_LOCKED_OUT)
  void deletedOperatorSecretLocksOperatorOutUntilRestart() throws SQLException {
    // Given
    Instance vault = given.instance("vault").running();
    Cluster.delete(vault.operatorSecret());
    Eventually.nonNull("a new Secret", vault::operatorSecret);
    Pod before = vault.pod();

    // When
    vault.change(spec -> spec.parameter("work_mem", "6MB"));

    // Then
    assertThat(Eventually.instance(vault).isNotReady(Reason.OPERATOR_LOCKED_OUT))
        .contains("postgresinstance.dev/restart");
    vault.change(spec -> spec.annotation("restart", "now"));
    Eventually.instance(vault).isReadyWithNewPod(before);
    try (Client client = Client.connect(vault)) {
      assertThat(client.read("SHOW work_mem")).isEqualTo("6MB");
    }
  }

  @ParameterizedTest
  @Tag("long")
  @ValueSource(ints = {0, 2})
  void handScaledInstanceReturnsToOneServer(int replicas) {
    // When
    Cluster.kubectl(
        "-n",
        orders.namespace(),
        "scale",
        "statefulset/" + orders.name(),
        "--replicas=" + replicas);

    // Then
    Eventually.that(
        "the StatefulSet has one replica again",
        () -> assertThat(orders.statefulSet().getSpec().getReplicas()).isEqualTo(1));
    Eventually.that(
        "there is one pod",
        () -> assertThat(orders.statefulSet().getStatus().getReplicas()).isEqualTo(1));
    // The pod may have been deleted although no status shows it yet.
    Eventually.thatStays(
        "the data is there",
        () -> {
          Eventually.instance(orders).isReady();
          try (Client client = Client.connect(orders)) {
            assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
          }
        });
  }

  @ParameterizedTest
  @MethodSource
  @CoversReasons(events = EventReason.REPLACED)
  void alteredStatefulSetIsReplacedAroundItsPod(Consumer<StatefulSetSpec> alteration)
      throws SQLException {
    // Given: a user has recreated the StatefulSet around its pod, with other immutable fields
    waitForPodOf(orders);
    Pod before = orders.pod();
    PersistentVolumeClaim claim = orders.claim();
    orders.change(spec -> spec.paused(true));
    Eventually.instance(orders).isReadyFor(Reason.PAUSED);
    try (Client client = Client.connect(orders)) {
      StatefulSet altered = orders.statefulSet();
      alteration.accept(altered.getSpec());
      StatefulSet recreated = Cluster.recreateAroundPod(altered);

      // When
      orders.change(spec -> spec.paused(false));

      // Then
      Eventually.that(
          "the StatefulSet is correct again",
          () -> {
            StatefulSet now = orders.statefulSet();
            assertThat(now.getMetadata().getUid()).isNotEqualTo(recreated.getMetadata().getUid());
            assertThat(now.getSpec().getServiceName()).isEqualTo("orders");
            assertThat(now.getSpec().getSelector().getMatchLabels())
                .doesNotContainKey("app.kubernetes.io/component");
            assertThat(now.getSpec().getPodManagementPolicy()).isEqualTo("OrderedReady");
            assertThat(orders.pod().getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(o -> assertThat(o.getUid()).isEqualTo(now.getMetadata().getUid()));
          });
      Eventually.instance(orders).isReady();
      orders.assertHas(before);
      assertThat(orders.claim().getMetadata().getUid()).isEqualTo(claim.getMetadata().getUid());
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
    }
  }

  /** The pod of a StatefulSet that an earlier test has deleted disappears a moment later. */
  private static void waitForPodOf(Instance instance) {
    Eventually.that(
        "the pod belongs to the current StatefulSet",
        () ->
            assertThat(instance.pod().getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(
                    owner ->
                        assertThat(owner.getUid())
                            .isEqualTo(instance.statefulSet().getMetadata().getUid())));
    Eventually.instance(instance).isReady();
  }

  static Stream<Named<Consumer<StatefulSetSpec>>> alteredStatefulSetIsReplacedAroundItsPod() {
    return Stream.of(
        Named.of("serviceName", spec -> spec.setServiceName("another")),
        Named.of("podManagementPolicy", spec -> spec.setPodManagementPolicy("Parallel")),
        Named.of(
            "selector",
            spec ->
                spec.getSelector()
                    .getMatchLabels()
                    .put("app.kubernetes.io/component", "database")));
  }

  static Stream<Named<Function<Instance, HasMetadata>>> deletedChildReturns() {
    return Stream.of(
        Named.of("Service", Instance::service),
        Named.of("ConfigMap", Instance::configMap),
        Named.of("Secret for applications", Instance::appSecret),
        Named.of("StatefulSet", Instance::statefulSet));
  }
}
