package dev.postgresinstance.operator.archive.program.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PipeTest {

  @TempDir Path folder;

  @Test
  void passesOnWhatIsWritten() throws Exception {
    makePipe();
    Process writer =
        new ProcessBuilder("sh", "-c", "echo content > base.tar && echo full > finished")
            .directory(folder.toFile())
            .start();

    Pipe pipe = new Pipe(folder, Duration.ofSeconds(30));
    try (InputStream in = pipe.open()) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("content\n");
    }
    pipe.awaitSuccess();
    assertThat(pipe.kind()).isEqualTo("full");
    assertThat(writer.waitFor()).isZero();
  }

  @Test
  void ordersAnIncrementalBackupWithTheManifestOfItsParent() throws Exception {
    Pipe pipe = new Pipe(folder, Duration.ZERO);

    pipe.order();
    assertThat(folder.resolve("order")).hasContent("full");
    Files.writeString(pipe.parentManifest(), "{}");
    pipe.order();
    assertThat(folder.resolve("order")).hasContent("incremental");
  }

  @Test
  void anErrorBeforeTheFirstByteEndsTheWait() throws Exception {
    makePipe();
    Files.writeString(folder.resolve("error"), "FATAL: no\n");

    assertThatThrownBy(() -> new Pipe(folder, Duration.ofSeconds(30)).open())
        .isInstanceOf(ProgramFailure.class)
        .hasMessage("FATAL: no");
  }

  @Test
  void aSecondTablespaceHasAReasonOfItsOwn() throws Exception {
    Files.writeString(
        folder.resolve("error"), "can only write single tablespace to stdout, database has 2\n");

    assertThatThrownBy(() -> new Pipe(folder, Duration.ZERO).awaitSuccess())
        .isInstanceOfSatisfying(
            ProgramFailure.class, e -> assertThat(e.reason()).isEqualTo("TablespaceUnsupported"));
  }

  @Test
  void doesNotWaitForEver() {
    assertThatThrownBy(() -> new Pipe(folder, Duration.ZERO).open())
        .hasMessage("The container with pg_basebackup does not start.");
  }

  private void makePipe() throws Exception {
    assertThat(
            new ProcessBuilder("mkfifo", folder.resolve("base.tar").toString()).start().waitFor())
        .isZero();
  }
}
