package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.S3Bucket;
import dev.postgresinstance.tests.support.Shell;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BackupExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Path EXAMPLE = Path.of("../examples/backup");
  private static final Page README = new Page(EXAMPLE.resolve("README.md"));

  @Test
  void commandsRestoreTheDroppedTable() {
    // Given
    given.examplesToApply(EXAMPLE);
    try (S3Bucket bucket = S3Bucket.create("backups")) {
      String commands =
          String.join(
              "\n",
              README.code("sh", "get secret s3").getFirst(),
              README.code("sh", "-f orders.yaml").getFirst(),
              README.code("sh", "-f before-migration.yaml").getFirst(),
              README.code("sh", "moment=").getFirst(),
              README.code("sh", "restored.yaml").getFirst());

      // When
      String output = Shell.run(EXAMPLE, Map.of(), "set -e\n" + commands);

      // Then
      assertThat(output).endsWith("1000");
      assertThat(bucket.keys("")).anyMatch(key -> key.endsWith("/backup.json"));
    }
  }
}
