package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PortsExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("long")
  void instancesAreReachableAsTheirSpecsSay() throws SQLException {
    // Given
    Path example = Path.of("../examples/ports");

    // When
    Map<String, Instance> instances =
        given.examples(example).stream()
            .collect(Collectors.toMap(Instance::name, Function.identity()));

    // Then
    assertThat(instances).containsOnlyKeys("requested", "local", "balanced", "inside");
    Instance requested = instances.get("requested");
    Eventually.instance(requested).isReady();
    assertThat(endpoints(requested).address()).isEqualTo("db.example.com:30433");
    assertThat(requested.service().getSpec().getPorts().getFirst().getNodePort()).isEqualTo(30433);

    Instance local = instances.get("local");
    Eventually.instance(local).isReady();
    Client.connect(local).close();

    Instance balanced = instances.get("balanced");
    Eventually.that("the Service exists", () -> assertThat(balanced.service()).isNotNull());
    Cluster.setLoadBalancerAddress(balanced, "192.0.2.7"); // the test cluster assigns none
    Eventually.instance(balanced).isReady();
    assertThat(endpoints(balanced).address()).isEqualTo("192.0.2.7:5432");

    Instance inside = instances.get("inside");
    Eventually.that(
        "a client inside the cluster logs in",
        () ->
            assertThat(
                    Cluster.exec(
                        inside, "psql", inside.credentials().get("uri"), "-XtAc", "SELECT 1"))
                .isEqualTo("1"));
    assertThat(endpoints(inside).external()).isNull();
  }

  private static EndpointsStatus endpoints(Instance instance) {
    return instance.resource().getStatus().endpoints();
  }
}
