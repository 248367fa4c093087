package dev.postgresinstance.operator.kubernetes.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotReaderTest {

  private static final String SECRET =
      "/api/v1/namespaces/shop/secrets?fieldSelector=metadata.name%3Dorders-app";
  private static final String INSTANCE =
      "/apis/postgresinstance.dev/v1alpha1/namespaces/shop/postgresinstances?fieldSelector=metadata.name%3Dorders";

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @ParameterizedTest
  @ValueSource(strings = {"7", "8"})
  void secretIsCurrentInResourceVersionOfApiServer(String resourceVersion) {
    // Given
    answer(SECRET, HttpURLConnection.HTTP_OK, list(secret(resourceVersion)));

    // When
    boolean current = reader().isCurrent(secret("7"));

    // Then
    assertThat(current).isEqualTo(resourceVersion.equals("7"));
  }

  @ParameterizedTest
  @CsvSource({"uid-1, false", "uid-2, true"})
  void objectIsGoneWhenItsNameHasAnotherUid(String uid, boolean expected) {
    // Given
    Secret present = secret("7");
    present.getMetadata().setUid("uid-1");
    answer(SECRET, HttpURLConnection.HTTP_OK, list(present));

    // When
    boolean gone = reader().isGone(Secret.class, "shop", "orders-app", uid);

    // Then
    assertThat(gone).isEqualTo(expected);
  }

  @Test
  void objectIsGoneWhenItsNameIsUnknown() {
    // Given
    answer(SECRET, HttpURLConnection.HTTP_OK, list());

    // Then
    assertThat(reader().isGone(Secret.class, "shop", "orders-app", "uid-1")).isTrue();
  }

  @Test
  void objectIsNotGoneWhileTheApiServerDoesNotSayIt() {
    // Given
    answer(SECRET, HttpURLConnection.HTTP_FORBIDDEN, "");

    // Then
    assertThat(reader().isGone(Secret.class, "shop", "orders-app", "uid-1")).isFalse();
  }

  @Test
  void deletedSecretIsNotCurrent() {
    // Given
    answer(SECRET, HttpURLConnection.HTTP_OK, list());

    // When
    boolean current = reader().isCurrent(secret("7"));

    // Then
    assertThat(current).isFalse();
  }

  @Test
  void instanceExistsWithItsUid() {
    // Given
    PostgresInstance cached = Snapshots.of("{}").instance();
    answer(INSTANCE, HttpURLConnection.HTTP_OK, list(Snapshots.of("{}").instance()));

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
    answer(INSTANCE, HttpURLConnection.HTTP_OK, list(live));

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

  private static Map<String, Object> list(HasMetadata... items) {
    return Map.of("items", List.of(items));
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
