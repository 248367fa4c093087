package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.report.Permission;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the tracker learns from the responses of a mock API server. */
class PermissionTrackerTest {

  private static final String PODS = "/api/v1/namespaces/shop/pods";
  private static final String SELECTED =
      "?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dpostgres-instance-operator";

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  private final PermissionTracker permissions = new PermissionTracker();
  private KubernetesClient client;

  @BeforeEach
  void createClient() {
    client =
        api.server()
            .createClient(
                builder ->
                    builder
                        .editOrNewConfig()
                        .withRequestRetryBackoffLimit(0)
                        .endConfig()
                        .withHttpClientBuilderConsumer(
                            http -> http.addOrReplaceInterceptor("permissions", permissions)));
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void deniedListIsMissingInItsNamespaceUntilItSucceeds() {
    // Given
    api.server().expect().get().withPath(PODS + SELECTED).andReturn(403, "").once();
    api.server()
        .expect()
        .get()
        .withPath(PODS + SELECTED)
        .andReturn(200, new PodListBuilder().build())
        .once();

    // When
    assertThatThrownBy(this::listOwnPods).isInstanceOf(KubernetesClientException.class);

    // Then: not at once, because a starting API server may deny requests briefly
    assertThat(permissions.missingForCaches("shop")).isEmpty();
    await()
        .untilAsserted(
            () ->
                assertThat(permissions.missingForCaches("shop"))
                    .containsExactly(new Permission("list", "pods", "shop")));
    assertThat(permissions.missingForCaches("office")).isEmpty();

    listOwnPods();
    assertThat(permissions.missingForCaches("shop")).isEmpty();
  }

  @Test
  void listByLabelNamedWatchIsNoWatch() {
    // Given
    api.server()
        .expect()
        .get()
        .withPath(
            "/api/v1/namespaces/shop/secrets?labelSelector=postgresinstance.dev%2Fwatch%3Dtrue")
        .andReturn(403, "")
        .once();

    // When
    assertThatThrownBy(
            () ->
                client
                    .secrets()
                    .inNamespace("shop")
                    .withLabelSelector("postgresinstance.dev/watch=true")
                    .list())
        .isInstanceOf(KubernetesClientException.class);

    // Then
    await()
        .untilAsserted(
            () ->
                assertThat(permissions.missingForCaches("shop"))
                    .containsExactly(new Permission("list", "secrets", "shop")));
  }

  @Test
  void listOfInstancesCountsAsInformerExceptForTheProbe() {
    // Given
    String path = HasMetadata.getApiVersion(PostgresInstance.class) + "/namespaces/";
    String plural = HasMetadata.getPlural(PostgresInstance.class);
    api.server()
        .expect()
        .get()
        .withPath("/apis/%sshop/%s?limit=100".formatted(path, plural))
        .andReturn(403, "")
        .once();
    api.server()
        .expect()
        .get()
        .withPath("/apis/%soffice/%s?limit=1".formatted(path, plural))
        .andReturn(403, "")
        .once();

    // When
    assertThatThrownBy(() -> listInstances("shop", 100))
        .isInstanceOf(KubernetesClientException.class);
    assertThatThrownBy(() -> listInstances("office", 1))
        .isInstanceOf(KubernetesClientException.class);

    // Then
    await()
        .untilAsserted(
            () ->
                assertThat(permissions.missingForCaches("shop"))
                    .containsExactly(new Permission("list", plural, "shop")));
    assertThat(permissions.missingForCaches("office")).isEmpty();
  }

  @Test
  void deniedListOfBackupsIsMissing() {
    // Given
    api.server()
        .expect()
        .get()
        .withPath("/apis/postgresinstance.dev/v1alpha1/namespaces/shop/postgresbackups?limit=100")
        .andReturn(403, "")
        .once();

    // When
    assertThatThrownBy(
            () ->
                client
                    .resources(PostgresBackup.class)
                    .inNamespace("shop")
                    .list(new ListOptionsBuilder().withLimit(100L).build()))
        .isInstanceOf(KubernetesClientException.class);

    // Then
    await()
        .untilAsserted(
            () ->
                assertThat(permissions.missingForCaches("shop"))
                    .containsExactly(new Permission("list", "postgresbackups", "shop")));
  }

  @Test
  void deniedReadByNameDoesNotAffectCaches() {
    // Given
    api.server()
        .expect()
        .get()
        .withPath(PODS + "?fieldSelector=metadata.name%3Dorders-0")
        .andReturn(403, "")
        .once();

    // When
    assertThatThrownBy(
            () -> client.pods().inNamespace("shop").withField("metadata.name", "orders-0").list())
        .isInstanceOf(KubernetesClientException.class);

    // Then
    await()
        .during(Duration.ofSeconds(6))
        .untilAsserted(() -> assertThat(permissions.missingForCaches("shop")).isEmpty());
  }

  @Test
  void explainsOnlyMissingPermissions() {
    assertThat(
            permissions.explain(
                failure("User \"a\" cannot create resource \"events\" in API group \"\"")))
        .isTrue();
    assertThat(permissions.explain(failure("exceeded quota: events"))).isFalse();
  }

  private void listInstances(String namespace, long limit) {
    client
        .resources(PostgresInstance.class)
        .inNamespace(namespace)
        .list(new ListOptionsBuilder().withLimit(limit).build());
  }

  private void listOwnPods() {
    client.pods().inNamespace("shop").withLabelSelector(Labels.SELECTOR).list();
  }

  private static KubernetesClientException failure(String message) {
    return new KubernetesClientException(
        new StatusBuilder().withCode(403).withMessage(message).build());
  }
}
