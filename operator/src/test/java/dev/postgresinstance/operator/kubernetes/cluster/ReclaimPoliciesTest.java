package dev.postgresinstance.operator.kubernetes.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.kubernetes.MockApiServer;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReclaimPoliciesTest {

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @Test
  void reusesThePolicyOfAVolume() {
    // Given
    answer("a", "Retain");
    ReclaimPolicies volumes = new ReclaimPolicies(api.client());
    volumes.reclaimPolicy(claim("a"));

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim("a"));

    // Then
    assertThat(policy).contains("Retain");
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  @Test
  void readsThePolicyOfEachVolume() {
    // Given
    answer("a", "Retain");
    answer("b", "Delete");
    ReclaimPolicies volumes = new ReclaimPolicies(api.client());
    volumes.reclaimPolicy(claim("a"));

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim("b"));

    // Then
    assertThat(policy).contains("Delete");
  }

  @Test
  void returnsNoPolicyWithoutPermissionAndDoesNotRetryAtOnce() {
    // Given
    api.server().expect().get().withPath("/api/v1/persistentvolumes/a").andReturn(403, "").always();
    ReclaimPolicies volumes = new ReclaimPolicies(api.client());
    volumes.reclaimPolicy(claim("a"));

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim("a"));

    // Then
    assertThat(policy).isEmpty();
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  @Test
  void sendsNoRequestForClaimWithoutVolume() {
    // Given
    ReclaimPolicies volumes = new ReclaimPolicies(api.client());

    // When
    Optional<String> policy = volumes.reclaimPolicy(claim(null));

    // Then
    assertThat(policy).isEmpty();
    assertThat(api.server().getRequestCount()).isZero();
  }

  private void answer(String name, String policy) {
    api.server()
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
