package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;

class ApiErrorsTest {

  private static final String OF_CLIENT =
      "Failure executing: POST at: https://10.0.0.1/api/v1/namespaces/shop/events."
          + " Received status: Status(apiVersion=v1, code=403, details=null, kind=Status).";

  @Test
  void quotesMessageOfApiServer() {
    // Given
    Status status = new StatusBuilder().withCode(403).withMessage("no").build();

    // Then
    assertThat(ApiErrors.message(new KubernetesClientException(OF_CLIENT, 403, status)))
        .isEqualTo("no");
  }

  @Test
  void quotesNoWholeStatusOfApiServerThatSendsNoMessage() {
    // Given
    Status status = new StatusBuilder().withCode(403).build();

    // Then
    assertThat(ApiErrors.message(new KubernetesClientException(OF_CLIENT, 403, status)))
        .isEqualTo("Failure executing: POST at: https://10.0.0.1/api/v1/namespaces/shop/events.");
  }

  @Test
  void namesCodeWhereThereIsNoMessage() {
    assertThat(ApiErrors.message(new KubernetesClientException(null, 502, null)))
        .isEqualTo("HTTP 502");
  }

  @Test
  void takesOtherRejectionsForNoDeletionOfTheNamespace() {
    // Given
    Status status =
        new StatusBuilder().withCode(403).withMessage("exceeded quota: objects").build();

    // Then
    assertThat(ApiErrors.isNamespaceDeleted(new KubernetesClientException(OF_CLIENT, 403, status)))
        .isFalse();
  }

  @Test
  void retriesServerErrorUnlessWebhookDoesNotAnswer() {
    // Given
    Status webhook =
        new StatusBuilder()
            .withCode(500)
            .withMessage("Internal error occurred: failed calling webhook \"a.example.com\": EOF")
            .build();
    Status other = new StatusBuilder().withCode(500).withMessage("etcd: no leader").build();

    // Then
    assertThat(ApiErrors.isPermanent(new KubernetesClientException(OF_CLIENT, 500, webhook)))
        .isTrue();
    assertThat(ApiErrors.isPermanent(new KubernetesClientException(OF_CLIENT, 500, other)))
        .isFalse();
  }
}
