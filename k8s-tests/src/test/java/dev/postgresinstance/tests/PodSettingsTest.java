package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Scheduling, metadata and user of the pod. The namespace admits only pods that comply with Pod
 * Security `restricted`.
 */
class PodSettingsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Map<String, Object> LINUX = nodeAffinity("In");
  private static final Map<String, Object> LINUX_WITH_INVALID_OPERATOR = nodeAffinity("Resembles");

  @Test
  void podHasTheSettingsOfTheSpec() {
    // When
    Instance orders =
        given
            .instance("orders")
            .pod("labels", Map.of("team", "shop"))
            .pod("annotations", Map.of("example.com/contact", "the shop"))
            .pod("nodeSelector", Map.of("kubernetes.io/os", "linux"))
            .pod("tolerations", List.of(Map.of("key", "databases", "operator", "Exists")))
            .pod("affinity", LINUX)
            .pod("imagePullSecrets", List.of(Map.of("name", "registry")))
            .running();

    // Then
    Pod pod = orders.pod();
    assertThat(pod.getMetadata().getLabels())
        .containsEntry("team", "shop")
        .containsEntry("postgresinstance.dev/instance", "orders");
    assertThat(pod.getMetadata().getAnnotations()).containsEntry("example.com/contact", "the shop");
    PodSpec spec = pod.getSpec();
    assertThat(spec.getNodeSelector()).containsEntry("kubernetes.io/os", "linux");
    assertThat(spec.getTolerations()).anyMatch(t -> "databases".equals(t.getKey()));
    assertThat(spec.getAffinity().getNodeAffinity()).isNotNull();
    assertThat(spec.getImagePullSecrets()).hasSize(1);
  }

  @Test
  void nodeSelectorWithoutNodeIsReportedUntilItIsRemoved() {
    // Given
    Instance far = given.instance("far").pod("nodeSelector", Map.of("place", "moon")).applied();
    Eventually.instance(far).isNotReady(Reason.UNSCHEDULABLE);

    // When
    far.change(spec -> spec.withoutPod("nodeSelector"));

    // Then
    Eventually.instance(far).isReady();
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.API_ERROR)
  void invalidTolerationIsReportedAndServerKeepsRunning() throws SQLException {
    // Given
    Instance desk = given.instance("desk").running();
    Pod before = desk.pod();

    try (Client client = Client.connect(desk)) {
      // When
      desk.change(
          spec ->
              spec.pod("tolerations", List.of(Map.of("operator", "Exists", "value", "too much"))));

      // Then
      String message = Eventually.instance(desk).isNotReady(Reason.API_ERROR);
      assertThat(message).contains("value must be empty");
      assertThat(client.read("SELECT 1")).isEqualTo("1");
      Eventually.instance(desk).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
    }

    // When
    desk.change(spec -> spec.withoutPod("tolerations"));

    // Then
    Eventually.instance(desk).isReady();
    desk.assertHas(before);
  }

  @Test
  @Tag("long")
  void invalidAffinityIsReportedUntilItIsCorrected() {
    // Given
    Instance odd = given.instance("odd").pod("affinity", LINUX_WITH_INVALID_OPERATOR).applied();
    assertThat(Eventually.instance(odd).isNotReady(Reason.API_ERROR)).contains("operator");

    // When
    odd.change(spec -> spec.pod("affinity", LINUX));

    // Then
    Eventually.instance(odd).isReady();
  }

  @Test
  @Tag("long")
  void changedLabelsRestartThePod() {
    // Given
    Instance till = given.instance("till").pod("labels", Map.of("team", "shop")).running();
    Pod before = till.pod();

    // When
    till.change(spec -> spec.pod("labels", Map.of("team", "finance")));

    // Then
    Eventually.instance(till).isReadyWithNewPod(before);
    assertThat(till.pod().getMetadata().getLabels()).containsEntry("team", "finance");
  }

  @Test
  void assignedUserOwnsServerAndDataAlsoAfterRestart() throws SQLException {
    // Given
    int user = 1000680000;
    Instance bank = given.instance("bank").pod("runAsUser", user).running();
    assertThat(Cluster.exec(bank, "id", "-u")).isEqualTo(Integer.toString(user));
    assertThat(Cluster.exec(bank, "id", "-g")).isEqualTo(Integer.toString(user));
    assertThat(Cluster.psql(bank, "SELECT current_user")).isEqualTo("postgres");
    try (Client client = Client.connect(bank)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }

    // When
    Eventually.instance(bank).isReadyWithNewPod(Cluster.killPod(bank));

    // Then
    try (Client client = Client.connect(bank)) {
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
    }
    // The server can read its key: the operator has verified the certificate in a login.
    Eventually.instance(bank)
        .hasCondition(ConditionType.CERTIFICATE_READY, Reason.CERTIFICATE_SERVED);
  }

  @Test
  @Tag("long")
  void instanceAppliedAgainWithOtherUserIsRejectedUntilReverted() {
    // Given
    Instance vault = given.instance("vault").pod("runAsUser", 1000680000).running();
    vault.delete();

    // When
    vault.change(spec -> spec.pod("runAsUser", 1000690000));

    // Then
    String message = Eventually.instance(vault).isNotReady(Reason.SPEC_DOES_NOT_MATCH_DATA);
    assertThat(message).contains("pod.runAsUser", "1000680000");

    // When
    vault.delete();
    vault.change(spec -> spec.pod("runAsUser", 1000680000));

    // Then
    Eventually.instance(vault).isReady();
  }

  private static Map<String, Object> nodeAffinity(String operator) {
    Map<String, Object> expression =
        Map.of("key", "kubernetes.io/os", "operator", operator, "values", List.of("linux"));
    return Map.of(
        "nodeAffinity",
        Map.of(
            "requiredDuringSchedulingIgnoredDuringExecution",
            Map.of("nodeSelectorTerms", List.of(Map.of("matchExpressions", List.of(expression))))));
  }
}
