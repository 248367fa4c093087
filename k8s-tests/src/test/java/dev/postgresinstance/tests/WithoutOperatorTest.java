package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** Deletions while no operator runs. Isolated, because it stops the operator. */
@Isolated
class WithoutOperatorTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @AfterEach
  void startOperator() {
    given.operator().stop(); // it may run already
    given.operator().start();
  }

  @Test
  void deletePolicyRemovesEverything() {
    // Given
    Instance scratch = given.instance("scratch").deletionPolicy("Delete").running();
    given.operator().stop();

    // When
    scratch.delete();

    // Then
    Eventually.that(
        "nothing is left",
        () -> {
          assertThat(scratch.pod()).isNull();
          assertThat(scratch.claim()).isNull();
          assertThat(scratch.appSecret()).isNull();
          assertThat(scratch.caSecret()).isNull();
          assertThat(scratch.operatorSecret()).isNull();
        });
  }

  @Test
  void changeToDeleteThatOperatorMissedKeepsTheData() {
    // Given
    Instance ledger = given.instance("ledger").running();
    given.operator().stop();

    // When
    ledger.change(spec -> spec.deletionPolicy("Delete"));
    ledger.delete();

    // Then
    Eventually.that("the pod is gone", () -> assertThat(ledger.pod()).isNull());
    assertThat(ledger.claim().getMetadata().getDeletionTimestamp()).isNull();
    assertThat(ledger.appSecret()).isNotNull();
    assertThat(ledger.caSecret()).isNotNull();
    assertThat(ledger.operatorSecret()).isNotNull();

    // When
    given.operator().start();
    ledger.change(spec -> spec.deletionPolicy("Retain"));

    // Then
    Eventually.instance(ledger).isReady().acceptsLogins();
  }
}
