package dev.postgresinstance.operator.archive.program.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.archive.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {

  @TempDir Path folder;

  @Test
  void fileTellsBytesOfTheBaseBackup() {
    try (Progress progress = new Progress(exchange())) {
      progress.beginBase(100);
      progress.add(30);
      progress.add(10);

      awaitContent("{\"phase\":\"base\",\"done\":40,\"total\":100,");
    }
  }

  @Test
  void fileTellsBytesAndPositionOfTheLog() {
    try (Progress progress = new Progress(exchange())) {
      progress.beginBase(100);
      progress.add(100);
      progress.beginWal(Lsn.parse("0/3000028"), Lsn.parse("0/5000000"));
      progress.reach(Lsn.parse("0/3000000"));
      progress.reach(Lsn.parse("0/4000000"));
      progress.reach(Lsn.parse("0/3000000"));

      awaitContent(
          "{\"phase\":\"wal\",\"done\":16777176,\"total\":33554392,\"position\":\"0/4000000\",");
    }
  }

  @Test
  void positionNeverPassesTheEnd() {
    try (Progress progress = new Progress(exchange())) {
      progress.beginWal(Lsn.parse("0/3000028"), Lsn.parse("0/3000100"));
      progress.reach(Lsn.parse("0/4000000"));

      awaitContent("\"position\":\"0/3000100\",");
    }
  }

  @Test
  void timeIsLeftInProportion() {
    try (Progress progress = new Progress(exchange())) {
      progress.beginBase(100);
      progress.add(100);

      awaitContent("\"secondsLeft\":0,");
    }
  }

  private Exchange exchange() {
    return new Exchange(folder, Duration.ofMinutes(1));
  }

  private void awaitContent(String text) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreException(IOException.class)
        .untilAsserted(
            () -> assertThat(Files.readString(folder.resolve("progress"))).contains(text));
  }
}
