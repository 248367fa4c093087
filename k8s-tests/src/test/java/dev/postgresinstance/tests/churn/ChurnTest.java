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

/** Many instances, changed at random for a long time. */
@Tag("churn")
class ChurnTest {

  /** What was done to each instance, and what became of it, also when all went well. */
  private static final Path HISTORIES = Path.of("target", "churn.txt");

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS) // it takes as long as it is told to
  void noRowIsLostNothingStartsUnaskedAndOnlyOwnObjectsAreWritten() throws Exception {
    // Given
    long seed = Settings.churnSeed();
    int size = Settings.churnInstances();
    System.out.printf("churn: %s, %d instances, seed %d%n", Settings.churnTime(), size, seed);
    Bystanders bystanders = Bystanders.of(given, "c0");
    try (Churn churn = new Churn(size, seed)) {
      List<Instance> instances = running(churn, bystanders, size);
      Instant start = Instant.now();

      // When
      churn.run(Settings.churnTime());

      // Then
      System.out.print(churn.report());
      Files.writeString(HISTORIES, churn.histories());
      assertThat(churn.failures()).isEmpty();
      bystanders.assertUnchanged();
      OwnWrites writes = OwnWrites.of(given.operator(), start);
      System.out.printf("%d requests of the operator to write%n", writes.count());
      writes.assertOnlyInstances();
      instances.forEach(writes::assertWrote);
      bystanders.instances().forEach(writes::assertLeftAlone);
    }
  }

  /** All at once, as after a release of many. */
  private static List<Instance> running(Churn churn, Bystanders bystanders, int size)
      throws SQLException {
    for (Instance bystander : bystanders.instances()) {
      churn.expect(bystander.namespace(), bystander.name());
    }
    List<String> names = IntStream.range(0, size).mapToObj(i -> "c" + i).toList();
    List<History> histories =
        names.stream().map(name -> churn.expect(given.namespace(), name)).toList();
    bystanders.instances().stream().map(Instance::namespace).distinct().forEach(churn::watch);
    List<Instance> instances = new ArrayList<>();
    for (String name : names) {
      instances.add(given.instance(name).requests("10m", "64Mi").applied());
    }
    for (int i = 0; i < size; i++) {
      Eventually.instance(instances.get(i)).isReady();
      churn.settle(instances.get(i), histories.get(i));
    }
    bystanders.instances().forEach(churn::leaveAlone);
    return instances;
  }
}
