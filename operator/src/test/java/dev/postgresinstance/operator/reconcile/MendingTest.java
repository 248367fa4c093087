package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.children.AppSecret;
import dev.postgresinstance.operator.children.Credentials;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.OperatorSecret;
import dev.postgresinstance.operator.children.Pods;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.children.Worlds;
import dev.postgresinstance.operator.postgres.Findings;
import dev.postgresinstance.operator.postgres.LoginRequest.Role;
import dev.postgresinstance.operator.postgres.LoginResult;
import dev.postgresinstance.operator.postgres.LoginResult.LoggedIn;
import dev.postgresinstance.operator.postgres.LoginResult.Refused;
import dev.postgresinstance.operator.postgres.SuperuserAccess.Open;
import dev.postgresinstance.operator.postgres.Superusers;
import dev.postgresinstance.operator.postgres.Wish;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MendingTest {

  private static final Credentials CREDENTIALS = new Credentials("p", true, "o", "s");

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  private final World fresh = Worlds.of("{}");
  private final World world =
      fresh
          .with(AppSecret.desired(fresh, CREDENTIALS, Optional.empty(), Pods.NOW))
          .with(OperatorSecret.desired(fresh, CREDENTIALS, Optional.empty(), false));

  static Stream<LoginResult> refused() {
    Superusers superusers =
        new Superusers(
            new Open(new Role("postgres", "p"), false), Optional.of("no"), false, List.of());
    Findings findings =
        new Findings(
            Optional.of("73"),
            Optional.empty(),
            Optional.empty(),
            Optional.of(superusers),
            Optional.empty());
    return Stream.of(refused("28P01"), new LoggedIn("17.6", findings));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aPasswordIsSetWhereTheSecretsAreAsTheApiServerHasThem(LoginResult login) {
    // When
    Set<Wish> wishes = Mending.of(world, login, secret -> true);

    // Then
    assertThat(wishes).containsExactly(Wish.SET_PASSWORD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders-app", "orders-operator"})
  void anOlderSecretSetsNoPasswordBack(String older) {
    // When
    Set<Wish> wishes =
        Mending.of(
            world, refused("28P01"), secret -> !secret.getMetadata().getName().equals(older));

    // Then
    assertThat(wishes).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"28000", "42501", "55000", "53300", "57P03", "3D000"})
  void whatSomebodyHasDoneOnPurposeStays(String sqlState) {
    // When
    Set<Wish> wishes = Mending.of(world, refused(sqlState), secret -> true);

    // Then
    assertThat(wishes).isEmpty();
  }

  @Test
  void nobodyIsAskedWhenTheLoginSucceeds() {
    // When
    Set<Wish> wishes =
        Mending.of(
            world,
            new LoggedIn("17.6", Findings.NONE),
            secret -> {
              throw new AssertionError("asked of " + Names.appSecret(world.instance()));
            });

    // Then
    assertThat(wishes).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "8"})
  void aSecretIsCurrentInTheVersionThatTheApiServerHas(String resourceVersion) {
    // Given
    Secret cached = version(world.appSecret().orElseThrow(), "7");
    api.server()
        .expect()
        .get()
        .withPath("/api/v1/namespaces/shop/secrets/orders-app")
        .andReturn(200, version(cached, resourceVersion))
        .once();

    // When
    boolean current = new JosdkWithoutOperator(api.client()).sources().isCurrent(cached);

    // Then
    assertThat(current).isEqualTo(resourceVersion.equals("7"));
  }

  private static Secret version(Secret secret, String resourceVersion) {
    return new SecretBuilder(secret)
        .editMetadata()
        .withResourceVersion(resourceVersion)
        .endMetadata()
        .build();
  }

  private static LoginResult refused(String sqlState) {
    return new Refused(sqlState, "FATAL: no", Findings.NONE);
  }
}
