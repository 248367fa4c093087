package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.FailingRequests;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** An internal error of the operator. Isolated, because the operator runs behind an interceptor. */
@Isolated
class InternalErrorTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final int ATTEMPTS_OF_FRAMEWORK = 6;

  private static final FailingRequests failing = new FailingRequests();

  @BeforeAll
  static void startFailingOperator() {
    given.operator().stop();
    given.operator().startBehind(failing);
  }

  @AfterAll
  static void restoreOperator() {
    given.operator().stop();
    given.operator().start();
  }

  @Test
  @CoversReasons(Reason.INTERNAL_ERROR)
  void internalErrorIsReportedAndReconciliationIsRetried() {
    // Given
    failing.at("bad-data");

    // When
    Instance bad = given.instance("bad").applied();

    // Then
    assertThat(Eventually.instance(bad).isNotReady(Reason.INTERNAL_ERROR))
        .contains("StackOverflowError", "tries again");
    given.instance("good").running();
    Eventually.that(
        "the operator retries more often than the framework does on its own",
        () -> assertThat(failing.times()).isGreaterThan(ATTEMPTS_OF_FRAMEWORK));
    failing.end();
    Eventually.instance(bad).isReady();
  }
}
