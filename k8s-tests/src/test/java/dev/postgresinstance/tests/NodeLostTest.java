package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Node;
import dev.postgresinstance.tests.support.Provokes;
import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** A node of which the cluster hears nothing any more. Alone, because it is the only one. */
@Isolated
class NodeLostTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("long")
  @Provokes({Reason.NODE_LOST, Reason.RUNNING})
  void itIsSaidSinceWhenAndNothingIsForced() {
    // Given
    Instance orders = given.instance("orders").running();
    Pod before = orders.pod();
    Cluster.freeze(orders); // as on a machine that hangs

    // When: the cluster notices after 50 seconds
    Node.run(
        "systemd-run --on-active=3 systemctl stop kubelet;"
            + " systemd-run --on-active=100 systemctl start kubelet");

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.NODE_LOST))
        .contains("pgi-test-control-plane", "since 20", "not removed by force")
        .contains("node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
    assertThat(orders.pod().getMetadata().getDeletionTimestamp()).isNull();
    Eventually.that("the node is back", () -> Cluster.thaw(orders));
    Eventually.instance(orders).isReady();
    assertThat(orders.pod().getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
  }
}
