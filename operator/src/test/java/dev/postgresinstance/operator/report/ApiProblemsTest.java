package dev.postgresinstance.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApiProblemsTest {

  private final Snapshot orders = Snapshots.of("{}");
  private final Service service = InstanceService.desired(orders);

  @Test
  void namesMissingPermission() {
    // When
    Problem problem =
        ApiProblems.of(
            "services \"orders\" is forbidden: User \"system:serviceaccount:ops:pgi\" cannot patch"
                + " resource \"services\" in API group \"\" in the namespace \"shop\"");

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.MISSING_RIGHT);
    assertThat(problem.message())
        .startsWith("The operator lacks permission to patch services in namespace shop")
        .contains("User \"system:serviceaccount:ops:pgi\" cannot patch");
  }

  @Test
  void namesMissingPermissionAtClusterScope() {
    assertThat(
            ApiProblems.of(
                    "nodes is forbidden: User \"pgi\" cannot list resource \"nodes\" in API group"
                        + " \"\" at the cluster scope")
                .message())
        .startsWith("The operator lacks permission to list nodes");
  }

  @Test
  void namesAllPermissionsThatPreventWatching() {
    // When
    Problem problem =
        ApiProblems.notWatching(
            List.of(
                new Permission("watch", "pods", "shop"),
                new Permission("list", "secrets", "shop")));

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.MISSING_RIGHT);
    assertThat(problem.message())
        .startsWith(
            "The operator lacks permission to list secrets in namespace shop, watch pods in"
                + " namespace shop, so it does not see changes");
  }

  @Test
  void namesExceededQuota() {
    // When
    Problem problem =
        ApiProblems.of("services \"orders\" is forbidden: exceeded quota: ports, requested: 1");

    // Then
    assertThat(problem.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
    assertThat(problem.message()).contains("exceeded quota: ports");
  }

  @Test
  void quotesApiServerForOtherRejections() {
    assertThat(ApiProblems.of("no"))
        .isEqualTo(new Problem(Reason.API_ERROR, "The API server rejected the request: no"));
  }

  @Test
  void namesObjectThatIsRejected() {
    assertThat(ApiProblems.rejected(orders.instance(), service, new Rejection(422, "no")))
        .isEqualTo(new Problem(Reason.API_ERROR, "The API server rejects Service orders: no"));
    assertThat(
            ApiProblems.rejected(
                    orders.instance(),
                    service,
                    new Rejection(403, "no").because(new Permission("create", "services", "shop")))
                .message())
        .startsWith("The operator lacks permission to create services in namespace shop.");
  }

  @Test
  void namesCommandThatReplacesImmutableObject() {
    // Given
    ConfigMap config =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace("shop")
            .withName("orders-config")
            .endMetadata()
            .build();
    Rejection rejection =
        new Rejection(
            422,
            "ConfigMap \"orders-config\" is invalid: data: Forbidden: field is immutable when"
                + " `immutable` is set");

    // Then
    assertThat(ApiProblems.rejected(orders.instance(), config, rejection))
        .isEqualTo(
            new Problem(
                Reason.OBJECT_IMMUTABLE,
                "ConfigMap orders-config is immutable, and the operator has to change it. This"
                    + " replaces it by one that can be changed, and restarts the server, because"
                    + " the kubelet does not read an object again that was immutable: kubectl"
                    + " delete -n shop configmap orders-config && "
                    + KubectlCommand.annotateWithDate(orders.instance(), Labels.RESTART)));
  }
}
