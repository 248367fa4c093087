package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Crd;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A CustomResourceDefinition other than the one that the operator was built for, as after a
 * downgrade of the operator. Isolated, because all instances of the cluster use it.
 */
@Isolated
class DefinitionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @BeforeEach
  void applyNewerDefinition() {
    Crd.applyNewer(TestCluster.client());
  }

  @AfterEach
  void restoreDefinition() {
    Crd.apply(TestCluster.client());
  }

  @Test
  @CoversReasons(Reason.SPEC_NOT_UNDERSTOOD)
  void unreadableSpecAffectsOnlyItsInstance() {
    // Given
    Instance orders = given.instance("orders").running();
    Instance odd = given.instance("odd").running();
    Pod before = odd.pod();

    // When
    odd.change(spec -> spec.newerField("restartPolicy", "Never"));

    // Then
    assertThat(Eventually.instance(odd).isNotReady(Reason.SPEC_NOT_UNDERSTOOD))
        .contains("spec.restartPolicy", "Never");
    assertThat(odd.condition(ConditionType.STALLED)).isPresent();
    Eventually.instance(odd).acceptsLogins();
    assertChangeTakesEffect(orders, "5MB");

    // The same holds for an operator that has just started

    given.operator().stop();
    given.operator().start();
    assertChangeTakesEffect(orders, "6MB");
    odd.change(spec -> spec.newerField("restartPolicy", "Immediate").parameter("work_mem", "7MB"));
    Eventually.instance(odd).isReady();
    assertChangeTakesEffect(odd, "8MB");
    odd.assertHas(before);
  }

  @Test
  void unknownFieldIsNamedInMessage() {
    // Given
    Map<String, Object> future = Map.of("text", "x".repeat(500_000), "deep", Map.of("n", 1));

    // When
    Instance ahead = given.instance("ahead").newerField("future", future).running();

    // Then
    assertThat(ahead.ready().orElseThrow().getMessage())
        .contains("does not know spec.future; the field has no effect");
  }

  @Test
  void unreadableStatusIsReplaced() {
    // Given
    Instance desk = given.instance("desk").running();
    Crd.applyWithoutBounds(TestCluster.client());

    // When
    Cluster.kubectl(
        "patch",
        "pgi",
        desk.name(),
        "--namespace=" + desk.namespace(),
        "--subresource=status",
        "--type=merge",
        "--patch={\"status\": {\"observedGeneration\": \"first\", \"storage\": \"none\", \"conditions\": 7}}");

    // Then
    Eventually.instance(desk).isReady();
    assertThat(desk.resource().getStatus().storage()).isNotNull();
    assertChangeTakesEffect(desk, "5MB");
  }

  @Test
  @Tag("long")
  void oversizedSpecAffectsOnlyItsInstance() {
    // Given
    Crd.applyWithoutBounds(TestCluster.client());
    Instance shop = given.instance("shop").running();
    String huge = "1".repeat(1_000_000);

    // When
    List<Instance> odd =
        List.of(
            given.instance("odd-parameter").parameter("log_line_prefix", huge).applied(),
            given.instance("odd-database").database(huge).applied(),
            given.instance("odd-version").version(huge).applied(),
            given.instance("odd-class").storageClass(huge).applied(),
            given.instance("odd-image").image(huge).applied(),
            given.instance("odd-host").service("advertisedHost", huge).applied(),
            given.instance("odd-label").pod("labels", Map.of("team", huge)).applied());
    Instance port = given.instance("odd-port").nodePort(2_000_000_000).applied();

    // Then
    odd.forEach(
        instance ->
            assertThat(Eventually.instance(instance).isNotReady(Reason.SPEC_NOT_UNDERSTOOD))
                .contains("more than 32768 characters"));
    Eventually.instance(port).isNotReady(Reason.NODE_PORT_UNAVAILABLE);
    assertChangeTakesEffect(shop, "5MB");

    // The same holds for an operator that has just started
    given.operator().stop();
    given.operator().start();
    assertChangeTakesEffect(shop, "6MB");
  }

  @Test
  void dataSurvivesRemovalOfDefinitionAndInstanceReturns() throws SQLException {
    // Given
    Instance ledger = given.instance("ledger").running();
    try (Client client = Client.connect(ledger)) {
      client.execute("CREATE TABLE kept (id int)");
    }
    PersistentVolumeClaim claim = ledger.claim();

    // When
    Crd.remove(TestCluster.client());

    // Then: the data survives, and the operator keeps working
    Eventually.that("the server is gone", () -> assertThat(ledger.pod()).isNull());
    assertThat(ledger.claim().getMetadata().getUid()).isEqualTo(claim.getMetadata().getUid());
    Crd.apply(TestCluster.client());
    ledger.apply();
    Eventually.instance(ledger).isReady().acceptsLogins();
    try (Client client = Client.connect(ledger)) {
      client.execute("INSERT INTO kept VALUES (1)");
    }
  }

  private static void assertChangeTakesEffect(Instance instance, String workMem) {
    instance.change(spec -> spec.parameter("work_mem", workMem));
    Eventually.that(
        "the change is in effect",
        () -> assertThat(Cluster.psql(instance, "SHOW work_mem")).isEqualTo(workMem));
  }
}
