package dev.postgresinstance.tests.churn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Changes many instances at random for a long time. */
@Tag("churn")
class ChurnTest {

  /** The file for the histories of all instances, written even if the test passes. */
  private static final Path HISTORIES = Path.of("target", "churn.txt");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS) // the duration is configured
  void churnLosesNoRowsAndCausesNoUnexpectedStartsOrForeignWrites() throws Exception {
    // Given
    long seed = Settings.churnSeed();
    int size = Settings.churnInstances();
    System.out.printf("churn: %s, %d instances, seed %d%n", Settings.churnTime(), size, seed);
    UntouchedObjects untouched = UntouchedObjects.of(given, "c0");
    try (Churn churn = new Churn(size, seed)) {
      List<Instance> instances = running(churn, untouched, size);
      Instant start = Instant.now();

      // When
      churn.run(Settings.churnTime());

      // Then
      System.out.print(churn.report());
      Files.writeString(HISTORIES, churn.histories());
      assertThat(churn.failures()).isEmpty();
      untouched.assertUnchanged();
      OperatorWrites writes = OperatorWrites.of(given.operator(), start);
      System.out.printf("%d requests of the operator to write%n", writes.count());
      writes.assertOnlyInstances();
      instances.forEach(writes::assertWrote);
      untouched.instances().forEach(writes::assertLeftAlone);
    }
  }

  /** Creates all instances at once, as a rollout of many instances does. */
  private static List<Instance> running(Churn churn, UntouchedObjects untouched, int size)
      throws SQLException {
    for (Instance untouchedInstance : untouched.instances()) {
      churn.expect(untouchedInstance.namespace(), untouchedInstance.name());
    }
    List<String> names = IntStream.range(0, size).mapToObj(i -> "c" + i).toList();
    List<History> histories =
        names.stream().map(name -> churn.expect(given.namespace(), name)).toList();
    untouched.instances().stream().map(Instance::namespace).distinct().forEach(churn::watch);
    List<Instance> instances = new ArrayList<>();
    for (String name : names) {
      instances.add(given.instance(name).requests("10m", "64Mi").applied());
    }
    for (int i = 0; i < size; i++) {
      Eventually.instance(instances.get(i)).isReady();
      churn.settle(instances.get(i), histories.get(i));
    }
    untouched.instances().forEach(churn::leaveAlone);
    return instances;
  }
}
