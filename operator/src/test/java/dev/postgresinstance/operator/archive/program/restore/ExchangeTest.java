package dev.postgresinstance.operator.archive.program.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExchangeTest {

  private static final Duration PATIENCE = Duration.ofMillis(300);

  @TempDir Path folder;
  private Exchange exchange;

  @BeforeEach
  void open() {
    exchange = new Exchange(folder, PATIENCE);
  }

  @Test
  void waitsForAFileOfTheScript() throws Exception {
    Thread script = Thread.ofVirtual().start(() -> write("locked", ""));

    assertThat(exchange.await("locked")).isTrue();
    script.join();
  }

  @Test
  void hasNothingToDoWhenTheScriptHasEnded() throws Exception {
    write("done", "");

    assertThat(exchange.await("locked")).isFalse();
    assertThat(exchange.look()).isEqualTo(Exchange.End.DONE);
  }

  @Test
  void failsWithTheReasonOfTheScript() {
    write("failed", "VolumeNotEmpty: The volume already contains a database: 17.\n");

    ProgramFailure failure =
        catchThrowableOfType(ProgramFailure.class, () -> exchange.await("locked"));

    assertThat(failure.reason()).isEqualTo("VolumeNotEmpty");
    assertThat(failure).hasMessage("The volume already contains a database: 17.");
  }

  @Test
  void failsWhenTheScriptShowsNoLife() {
    write("alive", "1\n");
    long begin = System.nanoTime();

    ProgramFailure failure =
        catchThrowableOfType(ProgramFailure.class, () -> exchange.await("prepared"));

    assertThat(failure.reason()).isEqualTo("RestoreInterrupted");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(PATIENCE);
  }

  @Test
  void waitsLongerForTheFirstSign() throws Exception {
    Thread script =
        Thread.ofVirtual()
            .start(
                () -> {
                  pause(PATIENCE.multipliedBy(2));
                  write("locked", "");
                });

    assertThat(exchange.await("locked")).isTrue();
    script.join();
  }

  @Test
  void everyChangeIsASignOfLife() throws Exception {
    write("alive", "1");
    Thread script =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < 6; i++) {
                    pause(PATIENCE.dividedBy(3));
                    write("alive", "" + i);
                  }
                  write("locked", "");
                });

    assertThat(exchange.await("locked")).isTrue();
    script.join();
  }

  @Test
  void refusesAFolderOfAnInterruptedProgram() throws Exception {
    exchange.refuseIfUsed();

    exchange.write("plan", "x");

    assertThat(folder.resolve("plan")).hasContent("x");
    assertThat(folder.resolve("plan.new")).doesNotExist();
    assertThatThrownBy(exchange::refuseIfUsed).isInstanceOf(ProgramFailure.class);
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(String name, String content) {
    try {
      Files.writeString(folder.resolve(name), content);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
