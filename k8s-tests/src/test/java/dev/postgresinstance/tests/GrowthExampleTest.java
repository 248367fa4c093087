package dev.postgresinstance.tests;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GrowthExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("long")
  void volumeGrowsWithoutRestart() {
    // Given: a storage class that allows expansion, as the example requires
    Instance orders = given.example(Path.of("../examples/growth"), "limited");
    Eventually.instance(orders).isReady();
    Pod before = orders.pod();

    // When
    Cluster.kubectl(
        "-n",
        orders.namespace(),
        "patch",
        "pgi",
        orders.name(),
        "--type=merge",
        "--patch={\"spec\":{\"storage\":{\"size\":\"2Gi\"}}}");

    // Then
    Cluster.kubectl(
        "-n",
        orders.namespace(),
        "wait",
        "--for=jsonpath={.status.storage.actual}=2Gi",
        "pgi/" + orders.name(),
        "--timeout=5m");
    Eventually.instance(orders)
        .isReady()
        .hasCondition(ConditionType.STORAGE_READY, Reason.VOLUME_READY);
    orders.assertHas(before);
  }
}
