package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Failing;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Provokes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** A fault of the operator's own. Alone, because the operator runs behind an interceptor. */
@Isolated
class InternalErrorTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final int FRAMEWORKS_OWN_TRIES = 6;

  private static final Failing failing = new Failing();

  @BeforeAll
  static void operatorThatFails() {
    given.operator().stop();
    given.operator().startBehind(failing);
  }

  @AfterAll
  static void operatorAsForAllTests() {
    given.operator().stop();
    given.operator().start();
  }

  @Test
  @Provokes(Reason.INTERNAL_ERROR)
  void anInstanceAtWhichTheOperatorFailsSaysSoAndIsTriedAgain() {
    // Given
    failing.at("bad-data");

    // When
    Instance bad = given.instance("bad").applied();

    // Then
    assertThat(Eventually.instance(bad).isNotReady(Reason.INTERNAL_ERROR))
        .contains("StackOverflowError", "tried again");
    given.instance("good").running();
    Eventually.that(
        "it is tried more often than the framework does on its own",
        () -> assertThat(failing.times()).isGreaterThan(FRAMEWORKS_OWN_TRIES));
    failing.end();
    Eventually.instance(bad).isReady();
  }
}
