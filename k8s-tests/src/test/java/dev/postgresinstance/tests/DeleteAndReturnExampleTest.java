package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DeleteAndReturnExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void exampleWorksUnchanged() throws SQLException {
    // Given
    Path example = Path.of("../examples/delete-and-return");
    Instance orders = given.example(example);
    Eventually.instance(orders).isReady();
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE entry AS SELECT 'still here' AS note");
    }
    Map<String, String> credentials = orders.credentials();

    // When
    orders.delete();
    given.example(example);

    // Then
    Eventually.instance(orders).isReady();
    assertThat(orders.credentials()).isEqualTo(credentials);
    Eventually.that( // again if the connection ends: old children may still be deleted
        "the data is there",
        () -> {
          try (Client client = Client.connect(orders)) {
            assertThat(client.read("SELECT note FROM entry")).isEqualTo("still here");
          }
        });

    // When
    Cluster.kubectl(
        "-n",
        orders.namespace(),
        "patch",
        "pgi",
        orders.name(),
        "--type=merge",
        "--patch={\"spec\":{\"deletionPolicy\":\"Delete\"}}");
    Cluster.kubectl(
        "-n",
        orders.namespace(),
        "wait",
        "--for=jsonpath={.status.storage.retained}=false",
        "pgi/" + orders.name(),
        "--timeout=4m");
    orders.delete();

    // Then
    Eventually.that("the claim is deleted", () -> assertThat(orders.claim()).isNull());
  }
}
