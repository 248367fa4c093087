package dev.postgresinstance.operator.children;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CallersPasswordTest {

  private static final Credentials KEPT = new Credentials("kept", true, "kept-operator", "salt");

  private final World world = Worlds.of("passwordSecretRef: {name: own}");

  @Test
  void itIsTheOneOfANewInstance() {
    // Given
    World given = Worlds.withCallersSecret(world, own("mine"));

    // When
    Credentials credentials = Credentials.of(given, () -> "random", Pods.NOW);

    // Then
    assertThat(credentials.password()).isEqualTo("mine");
    assertThat(credentials.published()).isTrue();
  }

  @Test
  void changedItIsSetBeforeItIsPublished() {
    // Given
    World served = Worlds.withData(world);
    served = served.with(AppSecret.desired(served, KEPT, DataRecord.of(served), Pods.NOW));

    // When
    Credentials credentials =
        Credentials.of(Worlds.withCallersSecret(served, own("other")), () -> "random", Pods.NOW);

    // Then
    assertThat(credentials.password()).isEqualTo("other");
    assertThat(credentials.published()).isFalse();
  }

  @Test
  void whatCannotBeUsedLeavesThePublishedOne() {
    // Given
    World served = Worlds.withData(world);
    served = served.with(AppSecret.desired(served, KEPT, DataRecord.of(served), Pods.NOW));

    // When
    Credentials credentials =
        Credentials.of(Worlds.withCallersSecret(served, own("")), () -> "random", Pods.NOW);

    // Then
    assertThat(credentials.password()).isEqualTo("kept");
    assertThat(credentials.published()).isTrue();
  }

  @Test
  void everyFaultNamesSecretAndReason() {
    // Given
    Secret ours =
        new SecretBuilder(own("x"))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "id")
            .endMetadata()
            .build();
    Secret token = new SecretBuilder(own("x")).withType("kubernetes.io/tls").build();

    // When, Then
    assertThat(CallersPassword.fault(world).orElseThrow()).contains("own", "does not exist");
    assertThat(fault(ours)).contains("own", "the operator itself makes");
    assertThat(fault(token)).contains("own", "kubernetes.io/tls");
    assertThat(fault(new SecretBuilder(own("x")).withData(Map.of()).build()))
        .contains("own", "has no key password");
    assertThat(CallersPassword.fault(Worlds.withCallersSecret(world, own("x")))).isEmpty();
    assertThat(CallersPassword.fault(Worlds.of("{}"))).isEmpty();
  }

  private String fault(Secret secret) {
    Optional<String> fault = CallersPassword.fault(Worlds.withCallersSecret(world, secret));
    return fault.orElseThrow();
  }

  private static Secret own(String password) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName("own")
        .endMetadata()
        .withType("Opaque")
        .withData(Credentials.encoded(Map.of("password", password)))
        .build();
  }
}
