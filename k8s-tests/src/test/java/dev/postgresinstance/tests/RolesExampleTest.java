package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.DatabaseRole;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RolesExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void exampleWorksUnchanged() throws SQLException {
    // When
    Instance shop = given.example(Path.of("../examples/roles"));

    // Then
    Eventually.instance(shop).isReady().acceptsLogins();
    DatabaseRole.existing(shop, "shop-reader").isReady();
    DatabaseRole dashboard = DatabaseRole.existing(shop, "dashboard").isReady();

    // When
    try (Client app = Client.connect(shop)) {
      app.execute("CREATE TABLE items AS SELECT 1 AS n");
      app.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO shop_reader");
    }

    // Then
    try (Client client = dashboard.connect()) {
      assertThat(client.read("SELECT n FROM items")).isEqualTo("1");
      assertThatThrownBy(() -> client.execute("DELETE FROM items"))
          .hasMessageContaining("permission denied");
    }
  }
}
