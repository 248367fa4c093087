package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Node;
import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** A node that no longer reports to the cluster. Isolated, because it is the only node. */
@Isolated
class NodeLostTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("long")
  @CoversReasons({Reason.NODE_LOST, Reason.RUNNING})
  void lostNodeIsReportedWithTimeAndPodIsKept() {
    // Given
    Instance orders = given.instance("orders").running();
    Pod before = orders.pod();
    Cluster.freeze(orders); // as on a machine that hangs

    // When: the cluster notices after 50 seconds
    Node.run(
        "systemd-run --timer-property=AccuracySec=1s --on-active=15 systemctl stop kubelet;"
            + " systemd-run --timer-property=AccuracySec=1s --on-active=180 systemctl start kubelet");

    // Then
    assertThat(Eventually.instance(orders).isNotReady(Reason.NODE_LOST))
        .contains(before.getSpec().getNodeName(), "since 20", "neither deletes pod")
        .contains("node.kubernetes.io/out-of-service=nodeshutdown:NoExecute");
    assertThat(orders.pod().getMetadata().getDeletionTimestamp()).isNull();
    Eventually.that("the node is ready again", () -> Cluster.thaw(orders));
    Eventually.instance(orders).isReady();
    orders.assertHas(before);
  }
}
