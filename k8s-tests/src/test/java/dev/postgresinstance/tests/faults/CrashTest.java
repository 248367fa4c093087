package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.faults.Effects.Fault;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The operator ends before each of its effects in turn, or does not hear of its success: what comes
 * of it is the same. Alone, because the operator of all tests would do what the crashed one has
 * left.
 */
@Isolated
class CrashTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @BeforeAll
  static void noOtherOperator() {
    given.operator().stop();
  }

  @AfterAll
  static void operatorAsForAllTests() {
    given.operator().start();
  }

  @Test
  void aPasswordThatIsMadeAnewIsMadeOnce() throws Exception {
    whatComesOfItIsTheSame(Flow.ROTATION, Fault.HALT);
  }

  @Tag("faults")
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "CREATE, HALT",
    "CREATE, LOSE",
    "RELOAD, HALT",
    "RELOAD, LOSE",
    "RESTART, HALT",
    "RESTART, LOSE",
    "ROTATION, HALT",
    "ROTATION, LOSE",
    "GROWTH, HALT",
    "GROWTH, LOSE",
    "PORT, HALT",
    "PORT, LOSE",
    "SUSPEND, HALT",
    "SUSPEND, LOSE",
    "RETURN, HALT",
    "RETURN, LOSE"
  })
  void whatComesOfItIsTheSame(Flow flow, Fault fault) throws Exception {
    try (Crashes crashes = new Crashes(given.namespace())) {
      // Given
      IntFunction<Instance> instances = instances(flow, fault);

      // When
      int points = crashes.at(fault, flow, instances);

      // Then
      System.out.printf("%s %s: %d/%d%n", flow, fault, points, points);
      assertThat(points).isPositive();
    }
  }

  /** For a creation a new one each time. */
  private static IntFunction<Instance> instances(Flow flow, Fault fault) {
    String name = "%s-%s".formatted(flow, fault).toLowerCase(Locale.ROOT);
    if (flow == Flow.CREATE) {
      return point -> given.instance(name + "-" + point).requests("10m", "64Mi").notApplied();
    }
    Instance instance =
        flow == Flow.GROWTH
            ? given.instance(name).storageClass("limited").storage("512Mi").running()
            : given.instance(name).running();
    return point -> instance;
  }
}
