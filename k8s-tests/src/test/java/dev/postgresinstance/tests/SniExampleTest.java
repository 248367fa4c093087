package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Shell;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Needs an operator in the cluster: only there, the names of ClusterIP Services are known. */
@Tag("installed-only")
class SniExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Path EXAMPLE = Path.of("../examples/sni");
  private static final Page README = new Page(EXAMPLE.resolve("README.md"));

  @Test
  void eachNameReachesItsOwnInstanceThroughOnePort(@TempDir Path folder) {
    // Given
    List<Instance> instances = given.examplesToApply(EXAMPLE);

    // When
    Shell.run(EXAMPLE, Map.of(), README.code("sh", "kubectl apply").getFirst());

    // Then
    String logins = README.code("sh", "psql").getFirst();
    Eventually.that(
        "the commands of the example log in to both instances",
        () ->
            assertThat(Shell.run(folder, Map.of(), logins).lines())
                .containsExactly(line("orders", instances), line("ledger", instances)));

    // When, Then: without direct TLS, the proxy does not learn the name
    assertThatThrownBy(
            () -> Shell.run(folder, Map.of(), logins.replace(" sslnegotiation=direct", "")))
        .hasMessageContaining("server closed the connection unexpectedly");

    // When, Then: a client that reaches the other instance does not trust it
    assertThatThrownBy(
            () -> Shell.run(folder, Map.of(), logins.replace("host=$name.db", "host=ledger.db")))
        .hasMessageContaining("certificate verify failed");

    // When
    Shell.run(folder, Map.of(), README.code("sh", "kubectl delete").getFirst());

    // Then
    assertThat(instances).allSatisfy(instance -> assertThat(instance.find()).isEmpty());
  }

  /** The output for an instance: its database, and the address of its pod. */
  private static String line(String name, List<Instance> instances) {
    Instance instance = instances.stream().filter(i -> i.name().equals(name)).findFirst().get();
    return name + "|" + instance.pod().getStatus().getPodIP();
  }
}
