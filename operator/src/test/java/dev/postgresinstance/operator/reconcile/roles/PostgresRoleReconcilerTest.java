package dev.postgresinstance.operator.reconcile.roles;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import dev.postgresinstance.operator.reconcile.backup.BackupCluster;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.reconciler.DefaultContext;
import io.javaoperatorsdk.operator.processing.Controller;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the reconciler sends to a mock API server. */
class PostgresRoleReconcilerTest {

  private static final KubernetesSerialization JSON = new KubernetesSerialization();
  private static final String STATUS =
      "/apis/postgresinstance.dev/v1alpha1/namespaces/shop/postgresroles/dashboard/status"
          + "?fieldManager=postgres-instance-operator&force=true";

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @Test
  void reportsSecretThatMayNotBeRead() {
    // Given
    PostgresRole role = role();
    try (BackupCluster cluster =
        new BackupCluster(
            api, Optional.empty(), BackupCluster.objects(Snapshots.initialized(), role))) {
      PostgresRoleReconciler reconciler =
          new PostgresRoleReconciler(cluster::access, new PermissionTracker());
      Controller<PostgresRole> controller = cluster.register(reconciler);
      String denial =
          "secrets \"dashboard-role\" is forbidden: User \"operator\" cannot list resource"
              + " \"secrets\" in API group \"\" in the namespace \"shop\"";
      api.server()
          .expect()
          .get()
          .withPath("/api/v1/namespaces/shop/secrets?fieldSelector=metadata.name%3Ddashboard-role")
          .andReturn(403, new StatusBuilder().withCode(403).withMessage(denial).build())
          .once();
      api.server().expect().patch().withPath(STATUS).andReturn(200, role).once();

      // When
      reconciler.reconcile(role, new DefaultContext<>(null, controller, role, false, false));

      // Then
      JsonNode status = JSON.unmarshal(cluster.writes().getFirst().getUtf8Body(), JsonNode.class);
      assertThat(status.at("/status/conditions/0/reason").asText()).isEqualTo("MissingRight");
      assertThat(status.at("/status/conditions/0/message").asText())
          .contains("lacks permission to list secrets in namespace shop", "\"dashboard-role\"");
    }
  }

  private static PostgresRole role() {
    return JSON.unmarshal(
        """
        apiVersion: postgresinstance.dev/v1alpha1
        kind: PostgresRole
        metadata: {name: dashboard, namespace: shop, uid: uid-1, generation: 1, resourceVersion: "7"}
        spec:
          instanceRef: {name: orders}
        """,
        PostgresRole.class);
  }
}
