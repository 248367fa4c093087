package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.kubernetes.MockApiServer;
import dev.postgresinstance.operator.kubernetes.PermissionTracker;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CacheReadinessTest {

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  /**
   * The framework starts two controllers at the same time, and one uses the caches of the other.
   */
  @Test
  void cachesThatAreNotStartedAreNotReady() {
    // Given
    Informers informers = new JosdkWithoutOperator(api.client()).informers();
    CacheReadiness readiness =
        new CacheReadiness(informers.eventSources(), new PermissionTracker());

    // Then
    assertThatThrownBy(() -> readiness.require("shop"))
        .isInstanceOf(KubernetesClientException.class)
        .hasMessage("The caches have not synced yet");
  }
}
