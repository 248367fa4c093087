package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.GrantedRights;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.OperatorProcess;
import dev.postgresinstance.tests.support.Release;
import dev.postgresinstance.tests.support.Right;
import dev.postgresinstance.tests.support.Steadily;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Without its lease an operator does nothing. Alone, because it serves the whole cluster in place
 * of the one of all tests.
 */
@Isolated
@Tag("long")
class LeaseRightsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Duration EXIT = Duration.ofSeconds(30);

  private static Release release;
  private static GrantedRights rights;

  private OperatorProcess operator;

  @BeforeAll
  static void release() {
    given.operator().stop();
    release = Release.in(given.namespace());
    rights = release.rightsOnLease();
  }

  @AfterAll
  static void operatorAsForAllTests() {
    release.close();
    given.operator().start();
  }

  @AfterEach
  void end() {
    operator.close();
    rights.giveBack();
  }

  static List<Right> rights() {
    return rights.all();
  }

  @ParameterizedTest
  @MethodSource("rights")
  void theOperatorWaitsForARightOnItsLeaseAndSaysWhich(Right right) {
    // Given
    rights.take(right);
    Instance desk = given.instance("desk-" + right.verb()).suspend(true).applied();

    // When
    operator = release.start();

    // Then
    Eventually.that(
        "it says so", () -> assertThat(operator.log()).contains("lacks the right to " + right));
    Steadily.that("it waits", () -> assertThat(operator.isAlive()).isTrue());
    assertThat(desk.ready()).isEmpty();
    assertThat(operator.log().lines().filter(line -> line.contains("lacks the right"))).hasSize(1);
    assertThat(operator.log()).doesNotContain("\tat ");
    rights.giveBack();
    Eventually.instance(desk).isReadyFor(Reason.SUSPENDED);
  }

  @ParameterizedTest
  @MethodSource("renewing")
  void aLeaderThatLosesARightOnItsLeaseSaysWhichAndEnds(Right right) {
    // Given
    Instance shelf = given.instance("shelf-" + right.verb()).suspend(true).applied();
    operator = release.start();
    Eventually.instance(shelf).isReadyFor(Reason.SUSPENDED);

    // When
    rights.take(right);

    // Then
    assertThat(operator.exitCode(EXIT)).isEqualTo(1);
    assertThat(operator.log()).contains("lacks the right to " + right).doesNotContain("\tat ");
  }

  /** A lease that is there is not created; and only who ends properly updates it. */
  static List<Right> renewing() {
    return rights().stream()
        .filter(right -> List.of("get", "patch").contains(right.verb()))
        .toList();
  }
}
