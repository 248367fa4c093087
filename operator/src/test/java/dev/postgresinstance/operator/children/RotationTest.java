package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PasswordRotationStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {

  private static final Credentials KEPT = new Credentials("kept", true, "kept-operator", "salt");
  private static final Instant NOW = Pods.NOW;
  private static final Instant HOUR_LATER = NOW.plusSeconds(3600);

  @Test
  void newPasswordIsKeptThenSetThenPublished() {
    // Given
    World world = asking(served("{}"), "please");

    // When
    Credentials first = Credentials.of(world, () -> "new", NOW);
    World kept = world.with(OperatorSecret.desired(world, first, Optional.empty(), false));
    Credentials second = Credentials.of(kept, () -> "newer", NOW);
    World published = published(kept, second.proven(), NOW);
    Credentials third = Credentials.of(published, () -> "newest", NOW);

    // Then
    assertThat(first.password()).isEqualTo("new");
    assertThat(first.published()).isFalse();
    assertThat(Credentials.persistedPassword(world, NOW)).contains("kept");
    assertThat(second).isEqualTo(first);
    assertThat(Credentials.persistedPassword(kept, NOW)).contains("new");
    assertThat(third.password()).isEqualTo("new");
    assertThat(third.published()).isTrue();
  }

  @Test
  void anotherRequestIsAnotherPassword() {
    // Given
    World rotated = published(asking(served("{}"), "please"), KEPT, NOW);

    // When
    Credentials credentials = Credentials.of(asking(rotated, "again"), () -> "new", NOW);

    // Then
    assertThat(credentials.password()).isEqualTo("new");
  }

  @Test
  void ageMakesANewOne() {
    // Given
    World world = served("passwordRotation: {interval: 1h}");

    // When
    Credentials early = Credentials.of(world, () -> "new", HOUR_LATER.minusSeconds(1));
    Credentials due = Credentials.of(world, () -> "new", HOUR_LATER);

    // Then
    assertThat(early.password()).isEqualTo("kept");
    assertThat(due.password()).isEqualTo("new");
    assertThat(Rotation.status(world).orElseThrow().lastTime()).isEqualTo(NOW.toString());
    assertThat(Rotation.status(world).orElseThrow().nextTime()).isEqualTo(HOUR_LATER.toString());
  }

  @Test
  void samePasswordPublishedAgainIsNoYounger() {
    // Given
    World world = served("passwordRotation: {interval: 1h}");

    // When
    World again = published(world, KEPT, NOW.plusSeconds(600));

    // Then
    assertThat(again.appSecret()).isEqualTo(world.appSecret());
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-31T00:00:00Z", "+1000000000-12-31T00:00:00Z", "yesterday"})
  void whatIsNoTimeCountsAsNoAnnotation(String published) {
    // Given
    World world = served("passwordRotation: {interval: 1h}");
    ObjectMeta secret = world.appSecret().orElseThrow().getMetadata();
    secret.setCreationTimestamp(NOW.toString());
    secret.getAnnotations().put("postgresinstance.dev/password-published", published);

    // When
    Optional<PasswordRotationStatus> status = Rotation.status(world);

    // Then
    assertThat(status.orElseThrow().lastTime()).isEqualTo(NOW.toString());
  }

  @Test
  void passwordOfTheCallerIsNotRotated() {
    // Given
    World world = asking(served("passwordSecretRef: {name: own}"), "please");

    // When
    Credentials credentials = Credentials.of(world, () -> "new", NOW);

    // Then
    assertThat(credentials.password()).isEqualTo("kept");
  }

  private static World served(String spec) {
    World world = Worlds.withData(Worlds.of(spec));
    return published(
        world.with(OperatorSecret.desired(world, KEPT, Optional.empty(), false)), KEPT, NOW);
  }

  private static World published(World world, Credentials credentials, Instant now) {
    return world.with(AppSecret.desired(world, credentials, DataRecord.of(world), now));
  }

  private static World asking(World world, String token) {
    world.instance().getMetadata().setAnnotations(Map.of(Rotation.ROTATE_PASSWORD, token));
    return world;
  }
}
