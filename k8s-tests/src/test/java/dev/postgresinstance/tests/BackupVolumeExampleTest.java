package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Shell;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The commands of examples/backup-volume do what the page says. {@link VolumeStoreTest} does the
 * same in each test run.
 */
@Tag("long")
class BackupVolumeExampleTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final Path EXAMPLE = Path.of("../examples/backup-volume");
  private static final Page README = new Page(EXAMPLE.resolve("README.md"));

  @Test
  void commandsRestoreTheDeletedInstance() {
    // Given
    given.examplesToApply(EXAMPLE);
    String commands =
        String.join(
            "\n",
            README.code("sh", "-f bank.yaml").getFirst(),
            README.code("sh", "id=").getFirst(),
            README.code("sh", "bank-restored.yaml").getFirst());

    // When
    String output = Shell.run(EXAMPLE, Map.of(), "set -e\n" + commands);

    // Then
    assertThat(output).endsWith("1000");
  }
}
