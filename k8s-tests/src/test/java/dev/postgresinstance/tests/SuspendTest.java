package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SuspendTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Tag("installed")
  @CoversReasons(Reason.SUSPENDED)
  void suspendedServerStopsAtOnceAndReturnsUnchanged() throws SQLException {
    // Given: a session that stays open
    Instance shop = given.instance("shop").running();
    int port = shop.nodePort();
    Map<String, String> credentials = shop.credentials();
    String claim = shop.claim().getMetadata().getUid();
    try (Client client = Client.connect(shop)) {
      client.execute("CREATE TABLE entry AS SELECT 'still here' AS note");

      // When
      shop.change(spec -> spec.suspend(true));

      // Then: a server that waits for its clients would use the grace period of half an hour
      Eventually.that("the pod is gone", () -> assertThat(shop.pod()).isNull());
    }
    Eventually.instance(shop).isReadyFor(Reason.SUSPENDED);
    assertThat(shop.condition(ConditionType.AVAILABLE).orElseThrow())
        .satisfies(
            available -> {
              assertThat(available.getStatus()).isEqualTo("False");
              assertThat(available.getReason()).isEqualTo(Reason.SUSPENDED.word());
            });
    assertThat(shop.statefulSet().getSpec().getReplicas()).isZero();
    assertThat(shop.nodePort()).isEqualTo(port);
    assertThat(shop.credentials()).isEqualTo(credentials);

    // When
    shop.change(spec -> spec.suspend(false));

    // Then
    Eventually.instance(shop).isReady().acceptsLogins();
    assertThat(shop.claim().getMetadata().getUid()).isEqualTo(claim);
    assertThat(shop.nodePort()).isEqualTo(port);
    try (Client client = Client.connect(shop)) {
      assertThat(client.read("SELECT note FROM entry")).isEqualTo("still here");
    }
  }

  @Test
  void instanceCreatedSuspendedStartsWhenResumed() {
    // Given
    Instance later = given.instance("later").suspend(true).applied();
    Eventually.instance(later).isReadyFor(Reason.SUSPENDED);
    assertThat(later.pod()).isNull();

    // When
    later.change(spec -> spec.suspend(false));

    // Then
    Eventually.instance(later).isReady().acceptsLogins();
  }

  @Test
  void suspendKeepsPodWhileClaimIsBeingDeleted() {
    // Given
    Instance held = given.instance("held").running();
    Pod before = held.pod();
    Cluster.delete(held.claim());
    Eventually.instance(held).isNotReady(Reason.CLAIM_TERMINATING);

    // When
    held.change(spec -> spec.suspend(true));

    // Then
    Consistently.that(
        "the pod keeps running",
        () -> {
          held.assertHas(before);
          assertThat(held.pod().getMetadata().getDeletionTimestamp()).isNull();
        });
    Eventually.instance(held).isNotReady(Reason.CLAIM_TERMINATING);
    Eventually.instance(held).hasCondition(ConditionType.AVAILABLE, Reason.RUNNING);
  }
}
