package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SuspendExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("long")
  void exampleWorksUnchanged() {
    // Given
    Path example = Path.of("../examples/suspend");

    // When
    Instance shop = given.example(example);

    // Then
    Eventually.instance(shop).isReadyFor(Reason.SUSPENDED);
    assertThat(shop.pod()).isNull();

    // When
    Cluster.kubectl(
        "-n",
        shop.namespace(),
        "patch",
        "pgi",
        shop.name(),
        "--type=merge",
        "--patch={\"spec\":{\"suspend\":false}}");

    // Then
    Eventually.instance(shop).isReady().acceptsLogins();
  }
}
