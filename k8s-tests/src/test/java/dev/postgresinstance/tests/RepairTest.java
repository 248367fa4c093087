package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.sql.SQLException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Children deleted by hand, one after the other, under one instance. */
@Tag("installed")
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
  void aDeletedChildComesBack(Function<Instance, HasMetadata> child) throws SQLException {
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
    Eventually.instance(orders).acceptsLogins();
    Eventually.instance(orders).isReady();
    assertThat(orders.nodePort()).isEqualTo(port);
    try (Client client = Client.connect(orders)) {
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
    }
  }

  static Stream<Named<Function<Instance, HasMetadata>>> aDeletedChildComesBack() {
    return Stream.of(
        Named.of("Service", Instance::service),
        Named.of("ConfigMap", Instance::configMap),
        Named.of("Secret for applications", Instance::appSecret),
        Named.of("Secret of the operator", Instance::operatorSecret),
        Named.of("StatefulSet", Instance::statefulSet));
  }
}
