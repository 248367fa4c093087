package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.Shell;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The examples share the bucket of the demo store. What those with the tag {@code long} do, {@link
 * CloneTest} and {@link RestoredInstanceTest} do in each test run.
 */
@Order(1)
class BackupExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketOfTheDemoStore() {
    bucket = S3Bucket.create("backups");
  }

  @AfterAll
  static void deleteBucket() {
    bucket.close();
  }

  @Test
  @Tag("long")
  void commandsRestoreTheDroppedTable() {
    // When
    String output =
        run(
            "backup",
            "get secret s3",
            "-f orders.yaml",
            "-f before-migration.yaml",
            "verify-backup=",
            "moment=",
            "restored.yaml");

    // Then
    assertThat(output).contains("pg_amcheck has found no damage").endsWith("1000");
    assertThat(bucket.keys("")).anyMatch(key -> key.endsWith("/backup.json"));
  }

  @Test
  @Tag("long")
  void commandsCloneTheInstance() {
    // When
    String output =
        run("clone", "get secret s3", "-f orders.yaml", "-f orders-copy.yaml", "DROP TABLE");

    // Then
    assertThat(output.lines().filter("1000"::equals)).as("rows of clone and source").hasSize(2);
  }

  @Test
  @Tag("long")
  void commandsRestoreWhatIsLeftOfTheNamespace() {
    // When
    String output =
        run(
            "restore",
            "get secret s3",
            "-f last-backup.yaml",
            "delete namespace",
            "id=",
            "restored.yaml");

    // Then
    assertThat(output).endsWith("1000");
  }

  /** Runs the commands of an example that contain these words. */
  private static String run(String example, String... words) {
    Path folder = Path.of("../examples", example);
    given.examplesToApply(folder);
    Page readme = new Page(folder.resolve("README.md"));
    String commands =
        Stream.of(words)
            .map(word -> readme.code("sh", word).getFirst())
            .collect(Collectors.joining("\n"));
    return Shell.run(folder, Map.of(), "set -e\n" + commands);
  }
}
