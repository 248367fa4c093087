package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An application that knows only the Service Binding specification for Kubernetes. */
class BindingTest {

  /** As the specification defines: one directory for each binding below $SERVICE_BINDING_ROOT. */
  private static final String APPLICATION =
      """
      for binding in "$SERVICE_BINDING_ROOT"/*; do
        if [ "$(cat "$binding/type")" = postgresql ]; then
          until PGPASSWORD=$(cat "$binding/password") psql -XtA -h "$(cat "$binding/host")" \
            -p "$(cat "$binding/port")" -U "$(cat "$binding/username")" \
            -d "$(cat "$binding/database")" -c "SELECT 'bound as ' || current_user" 2> /dev/null
          do sleep 1; done
        fi
      done
      """;

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void workloadConnectsWithServiceBindingOnly() {
    // Given
    Instance orders = given.instance("orders").running();
    String secret = orders.resource().getStatus().binding().name();

    // When
    Pod shop = given.object(application(secret));

    // Then
    Eventually.that(
        "the application has succeeded",
        () -> assertThat(Cluster.current(shop).getStatus().getPhase()).isEqualTo("Succeeded"));
    assertThat(Cluster.kubectl("logs", "shop", "--namespace=" + given.namespace()))
        .isEqualTo("bound as app");
  }

  private static Pod application(String secret) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("shop")
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(1000L)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName("shop")
        .withImage(Settings.otherPostgresImage())
        .withCommand("bash", "-ec", APPLICATION)
        .addNewEnv()
        .withName("SERVICE_BINDING_ROOT")
        .withValue("/bindings")
        .endEnv()
        .addNewVolumeMount()
        .withName("orders")
        .withMountPath("/bindings/orders")
        .withReadOnly(true)
        .endVolumeMount()
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .endContainer()
        .addNewVolume()
        .withName("orders")
        .withNewSecret()
        .withSecretName(secret)
        .endSecret()
        .endVolume()
        .endSpec()
        .build();
  }
}
