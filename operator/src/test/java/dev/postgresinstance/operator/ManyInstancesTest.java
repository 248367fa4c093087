package dev.postgresinstance.operator;

import static dev.postgresinstance.operator.MainProcess.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start takes of memory where there is much already. */
@Order(1)
class ManyInstancesTest {

  /** Half of what it is shipped with: the rest is for what comes after the start. */
  private static final String HEAP = "-Xmx48m";

  private static final String LOG_OF_THE_HEAP = "-Xlog:gc:stdout";

  /** What is in use after a collection of all of it, and how large it is then, in MiB. */
  private static final Pattern WHOLE_HEAP_COLLECTED =
      Pattern.compile("Pause Full \\(System.gc\\(\\)\\) .*->(\\d+)M\\((\\d+)M\\)");

  @TempDir private Path folder;

  @Test
  void aThousandInstancesAreReadWithLittleMemory() throws Exception {
    // Given
    int health = MainProcess.closedPort();
    Map<String, String> environment = Map.of("HEALTH_PORT", Integer.toString(health));
    try (ManyInstances cluster = new ManyInstances(1_000)) {

      // When
      try (MainProcess process = MainProcess.start(folder, cluster.port(), environment, HEAP)) {

        // Then
        await()
            .atMost(PATIENCE)
            .failFast(() -> assertThat(process.isAlive()).describedAs(process.output()).isTrue())
            .until(() -> cluster.isListed() && MainProcess.status(health, "/readyz") == 200);
        assertThat(cluster.pages())
            .describedAs("as they are, and not as an API server may remember them")
            .allMatch(page -> page.resourceVersion().isEmpty());
        assertThat(kinds(cluster)).describedAs("one kind after the other").doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void whatTheStartTookOfTheHeapIsGivenBackSoon() throws Exception {
    // Given
    Map<String, String> environment = Map.of("HEALTH_PORT", "0");
    try (ManyInstances cluster = new ManyInstances(250)) {

      // When
      try (MainProcess process =
          MainProcess.start(folder, cluster.port(), environment, LOG_OF_THE_HEAP)) {

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

  /**
   * The kinds of which there are objects, named anew with each page that follows another kind's.
   */
  private static List<String> kinds(ManyInstances cluster) {
    List<String> kinds = new ArrayList<>();
    for (ManyInstances.Page page : cluster.pages()) {
      if (page.last() > 1 && (kinds.isEmpty() || !kinds.getLast().equals(page.kind()))) {
        kinds.add(page.kind());
      }
    }
    return kinds;
  }
}
