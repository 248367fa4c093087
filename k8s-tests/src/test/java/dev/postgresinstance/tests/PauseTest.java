package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Recorder;
import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PauseTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void operatorWritesNothingWhilePausedAndRepairsAfterwards() {
    // Given
    Instance desk = given.instance("desk").running();
    desk.change(spec -> spec.paused(true));
    Eventually.instance(desk).isReadyFor(Reason.PAUSED);
    Recorder recorder = given.operator().recorder();
    recorder.waitUntilQuietIn(given.namespace());
    recorder.clearIn(given.namespace());

    // When: one child is edited, another one is deleted, and the spec changes
    Cluster.edit(desk.service(), now -> now.getSpec().setPublishNotReadyAddresses(false));
    Cluster.delete(desk.configMap());
    desk.change(spec -> spec.requests("50m", "128Mi"));
    Eventually.that(
        "the operator has seen the change",
        () ->
            assertThat(desk.resource().getStatus().observedGeneration())
                .isEqualTo(desk.resource().getMetadata().getGeneration()));

    // Then
    Consistently.that("nothing but the status is written", () -> assertOnlyStatus(recorder));
    assertThat(desk.configMap()).isNull();
    assertThat(desk.service().getSpec().getPublishNotReadyAddresses()).isNotEqualTo(true);

    // When
    desk.change(spec -> spec.paused(false));

    // Then
    Eventually.that(
        "the children match the spec again",
        () -> {
          assertThat(desk.configMap()).isNotNull();
          assertThat(desk.service().getSpec().getPublishNotReadyAddresses()).isTrue();
          assertThat(Cluster.serverIn(desk.pod()).getResources().getRequests().get("cpu"))
              .hasToString("50m");
        });
    Eventually.instance(desk).isReady().acceptsLogins();
  }

  @Test
  @Tag("long")
  void killedPodReturnsWhilePaused() {
    // Given
    Instance shelf = given.instance("shelf").running();
    shelf.change(spec -> spec.paused(true));
    Eventually.instance(shelf).isReadyFor(Reason.PAUSED);

    // When
    Pod before = Cluster.killPod(shelf);

    // Then
    Eventually.instance(shelf).hasPodOtherThan(before).isReadyFor(Reason.PAUSED).acceptsLogins();
  }

  @Test
  @CoversReasons({Reason.LOGIN_REFUSED, Reason.PAUSED})
  void editedPasswordIsNotSetWhilePaused() {
    // Given
    Instance vault = given.instance("vault").running();
    vault.change(spec -> spec.paused(true));
    Eventually.instance(vault).isReadyFor(Reason.PAUSED);

    // When
    Cluster.editPassword(vault.appSecret(), "by-hand");

    // Then
    Eventually.that(
        "the login fails",
        () ->
            assertThat(vault.condition(ConditionType.AVAILABLE).orElseThrow().getReason())
                .isEqualTo(Reason.LOGIN_REFUSED.word()));
    assertThat(vault.ready().orElseThrow())
        .satisfies(
            ready -> {
              assertThat(ready.getStatus()).isEqualTo("False");
              assertThat(ready.getReason()).isEqualTo(Reason.PAUSED.word());
            });

    // When
    vault.change(spec -> spec.paused(false));

    // Then
    Eventually.instance(vault).isReady().acceptsLogins();
    assertThat(vault.credentials()).containsEntry("password", "by-hand");
  }

  @Test
  @Tag("long")
  void instanceCreatedPausedWaits() {
    // When
    Instance idle = given.instance("idle").paused(true).applied();

    // Then
    Eventually.instance(idle).isNotReady(Reason.PAUSED);
    Consistently.that("no claim is created", () -> assertThat(idle.claim()).isNull());

    // When
    idle.change(spec -> spec.paused(false));

    // Then
    Eventually.instance(idle).isReady();
  }

  private static void assertOnlyStatus(Recorder recorder) {
    assertThat(recorder.writesIn(given.namespace()))
        .filteredOn(write -> write.name() != null && write.name().matches("desk(-.*)?"))
        .extracting(Recorder.Request::kind)
        .containsOnly("postgresinstances/status");
  }
}
