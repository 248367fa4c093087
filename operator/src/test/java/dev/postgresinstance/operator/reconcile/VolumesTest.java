package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VolumesTest {

  private static final Logger REQUESTS = Logger.getLogger("io.fabric8.mockwebserver");

  private final KubernetesMockServer server = new KubernetesMockServer(false);
  private KubernetesClient client;

  @BeforeEach
  void start() {
    REQUESTS.setLevel(Level.WARNING);
    server.init();
    client =
        server.createClient(
            builder -> builder.editOrNewConfig().withRequestRetryBackoffLimit(0).endConfig());
  }

  @AfterEach
  void stop() {
    client.close();
    server.destroy();
  }

  @Test
  void aVolumeIsNotReadAgainInEachPass() {
    // Given
    answer("a", "Retain");
    Volumes volumes = new Volumes(client);
    volumes.reclaimPolicy(claim("a"));

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim("a"));

    // Then
    assertThat(policy).contains("Retain");
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void eachVolumeHasItsOwn() {
    // Given
    answer("a", "Retain");
    answer("b", "Delete");
    Volumes volumes = new Volumes(client);
    volumes.reclaimPolicy(claim("a"));

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim("b"));

    // Then
    assertThat(policy).contains("Delete");
  }

  @Test
  void whereTheyMayNotBeReadNoneIsKnownAndNotEachPassAsks() {
    // Given
    server.expect().get().withPath("/api/v1/persistentvolumes/a").andReturn(403, "").always();
    Volumes volumes = new Volumes(client);
    volumes.reclaimPolicy(claim("a"));

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim("a"));

    // Then
    assertThat(policy).isEmpty();
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aClaimWithoutVolumeIsNotAskedFor() {
    // Given
    Volumes volumes = new Volumes(client);

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim(null));

    // Then
    assertThat(policy).isEmpty();
    assertThat(server.getRequestCount()).isZero();
  }

  private void answer(String name, String policy) {
    server
        .expect()
        .get()
        .withPath("/api/v1/persistentvolumes/" + name)
        .andReturn(
            200,
            new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withPersistentVolumeReclaimPolicy(policy)
                .endSpec()
                .build())
        .once();
  }

  private static PersistentVolumeClaim claim(String volume) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .endMetadata()
        .withNewSpec()
        .withVolumeName(volume)
        .endSpec()
        .build();
  }
}
