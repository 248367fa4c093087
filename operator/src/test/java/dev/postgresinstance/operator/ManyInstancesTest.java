package dev.postgresinstance.operator;

import static dev.postgresinstance.operator.MainProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory that the operator needs to start in a cluster with many instances. */
@Order(1)
class ManyInstancesTest {

  /**
   * Less than the heap under the memory limit of the chart: the rest is for the work after the
   * start.
   */
  private static final String HEAP = "-Xmx200m";

  private static final String LOG_COLLECTIONS = "-Xlog:gc:stdout";

  /** Used size and total size of the heap after a full collection, in MiB. */
  private static final Pattern WHOLE_HEAP_COLLECTED =
      Pattern.compile("Pause Full \\(System.gc\\(\\)\\) .*->(\\d+)M\\((\\d+)M\\)");

  @TempDir private Path folder;

  @Test
  void startsWithAThousandInstancesInTheHeapOfTheChart() throws Exception {
    // Given
    int health = MainProcess.closedPort();
    Map<String, String> environment = Map.of("HEALTH_PORT", Integer.toString(health));
    try (ManyInstances cluster = new ManyInstances(1_000)) {

      // When
      try (MainProcess process = MainProcess.start(folder, cluster.port(), environment, HEAP)) {

        // Then
        await()
            .atMost(PATIENCE.multipliedBy(3))
            .failFast(() -> assertThat(process.isAlive()).describedAs(process.output()).isTrue())
            .until(() -> cluster.isListed() && MainProcess.status(health, "/readyz") == 200);
        assertThat(cluster.pages())
            .describedAs("consistent lists, not those of the API server's cache")
            .isNotEmpty()
            .allMatch(page -> page.resourceVersion().isEmpty());
      }
    }
  }

  @Test
  void releasesHeapSoonAfterTheStart() throws Exception {
    // Given
    Map<String, String> environment = Map.of("HEALTH_PORT", "0");
    try (ManyInstances cluster = new ManyInstances(250)) {

      // When
      try (MainProcess process =
          MainProcess.start(folder, cluster.port(), environment, LOG_COLLECTIONS)) {

        // Then
        await()
            .atMost(PATIENCE.multipliedBy(3))
            .until(() -> WHOLE_HEAP_COLLECTED.matcher(process.output()).find());
        Matcher collected = WHOLE_HEAP_COLLECTED.matcher(process.output());
        assertThat(collected.find()).isTrue();
        assertThat(Integer.parseInt(collected.group(2)))
            .isLessThan(2 * Integer.parseInt(collected.group(1)));
      }
    }
  }
}
