package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.net.HttpURLConnection;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotReaderTest {

  private static final String SECRET = "/api/v1/namespaces/shop/secrets/orders-app";
  private static final String INSTANCE =
      "/apis/postgresinstance.dev/v1alpha1/namespaces/shop/postgresinstances/orders";

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @ParameterizedTest
  @ValueSource(strings = {"7", "8"})
  void secretIsCurrentInResourceVersionOfApiServer(String resourceVersion) {
    // Given
    answer(SECRET, HttpURLConnection.HTTP_OK, secret(resourceVersion));

    // When
    boolean current = reader().isCurrent(secret("7"));

    // Then
    assertThat(current).isEqualTo(resourceVersion.equals("7"));
  }

  @Test
  void deletedSecretIsNotCurrent() {
    // Given
    answer(SECRET, HttpURLConnection.HTTP_NOT_FOUND, null);

    // When
    boolean current = reader().isCurrent(secret("7"));

    // Then
    assertThat(current).isFalse();
  }

  @Test
  void instanceExistsWithItsUid() {
    // Given
    PostgresInstance cached = Snapshots.of("{}").instance();
    answer(INSTANCE, HttpURLConnection.HTTP_OK, Snapshots.of("{}").instance());

    // When
    boolean exists = reader().exists(cached);

    // Then
    assertThat(exists).isTrue();
  }

  static Stream<Consumer<ObjectMeta>> recreatedAndDeleted() {
    return Stream.of(
        metadata -> metadata.setUid("another"),
        metadata -> metadata.setDeletionTimestamp("2026-01-01T00:00:00Z"));
  }

  @ParameterizedTest
  @MethodSource("recreatedAndDeleted")
  void recreatedOrDeletedInstanceDoesNotExist(Consumer<ObjectMeta> change) {
    // Given
    PostgresInstance live = Snapshots.of("{}").instance();
    change.accept(live.getMetadata());
    answer(INSTANCE, HttpURLConnection.HTTP_OK, live);

    // When
    boolean exists = reader().exists(Snapshots.of("{}").instance());

    // Then
    assertThat(exists).isFalse();
  }

  private SnapshotReader reader() {
    return new JosdkWithoutOperator(api.client()).reader();
  }

  private void answer(String path, int code, Object body) {
    api.server().expect().get().withPath(path).andReturn(code, body).once();
  }

  private static Secret secret(String resourceVersion) {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("orders-app")
        .withResourceVersion(resourceVersion)
        .endMetadata()
        .build();
  }
}
