package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class QuickstartExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void exampleWorksUnchanged() throws SQLException {
    // Given
    Path example = Path.of("../examples/quickstart");

    // When
    Instance instance = given.example(example);

    // Then
    Eventually.instance(instance).isReady();
    try (Client client = Client.connect(instance)) {
      assertThat(client.read("SELECT 1")).isEqualTo("1");
    }
  }
}
