package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oldest and the newest version; needs their images in the cluster: `make test-versions`. */
@Tag("versions")
class VersionsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @ParameterizedTest
  @ValueSource(strings = {"15", "18"})
  void itStartsAndStartsAgain(String version) throws SQLException {
    // Given
    Instance instance = given.instance("version-" + version).version(version).running();
    try (Client client = Client.connect(instance)) {
      client.execute("CREATE TABLE parcel AS SELECT 'still here' AS note");
    }

    // When
    Pod before = Cluster.killPod(instance);

    // Then
    Eventually.instance(instance).isReadyWithoutPod(before);
    assertThat(instance.resource().getStatus().version()).startsWith(version + ".");
    try (Client client = Client.connect(instance)) {
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("still here");
      assertThat(client.read("SHOW server_version")).startsWith(version + ".");
    }
  }
}
