package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Kustomization;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A password from a Secret that Kustomize generates, with a hash in its name. */
@Order(1)
class KustomizeTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void passwordOfGeneratedSecretTakesEffectAndItsChangeToo() {
    // Given
    Kustomization files =
        Kustomization.copyOf(Path.of("../examples/gitops/password"), given.namespace());
    files.write("password.env", "password=first one");

    // When
    List<HasMetadata> applied = files.apply();

    // Then: the reference has the hash of the Secret's name
    Instance orders = given.existing("orders");
    Secret first = secret(applied);
    assertThat(first.getMetadata().getName()).matches("orders-password-[a-z0-9]{10}");
    assertThat(reference(orders)).isEqualTo(first.getMetadata().getName());
    Eventually.instance(orders).isReady().acceptsLogins();
    assertThat(orders.credentials()).containsEntry("password", "first one");
    Pod before = orders.pod();

    // When
    files.write("password.env", "password=second one");
    Secret second = secret(files.apply());
    Cluster.delete(Cluster.current(first)); // as Flux and Argo CD prune it

    // Then
    assertThat(second.getMetadata().getName()).isNotEqualTo(first.getMetadata().getName());
    assertThat(reference(orders)).isEqualTo(second.getMetadata().getName());
    Eventually.that(
        "the second password is published",
        () -> assertThat(orders.credentials()).containsEntry("password", "second one"));
    Eventually.instance(orders).isReady().acceptsLogins();
    orders.assertHas(before);
  }

  private static Secret secret(List<HasMetadata> objects) {
    return objects.stream()
        .filter(Secret.class::isInstance)
        .map(Secret.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static String reference(Instance instance) {
    return instance.resource().getSpec().passwordSecretRef().name();
  }
}
