package dev.postgresinstance.operator.archive.program.base;

import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The pipe from the container that runs pg_basebackup, and what that container says about it.
 *
 * @param folder with the files that the head of {@code basebackup.sh} lists
 * @param patience how long to wait for the other container at the beginning
 */
record Pipe(Path folder, Duration patience) {

  private static final Duration END = Duration.ofSeconds(30);
  private static final int POLL_MILLIS = 200;

  /** A file for the manifest of the backup on which an incremental one is based. */
  Path parentManifest() {
    return folder.resolve("parent_manifest");
  }

  /**
   * Lets the other container begin: with an incremental backup, if there is a parent's manifest.
   */
  void order() throws IOException {
    Path unfinished = folder.resolve("order.new");
    Files.writeString(
        unfinished, Files.exists(parentManifest()) ? BackupRecord.INCREMENTAL : BackupRecord.FULL);
    Files.move(unfinished, folder.resolve("order"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The kind of the backup that pg_basebackup has made, after its success. */
  String kind() throws IOException {
    return Files.readString(folder.resolve("finished")).strip();
  }

  /** Opens the pipe, which lets pg_basebackup begin. */
  InputStream open() throws ProgramFailure, IOException, InterruptedException {
    Path pipe = folder.resolve("base.tar");
    waitFor(patience, () -> Files.exists(pipe), "The container with pg_basebackup does not start.");
    // Opening waits for the writer, and cannot be interrupted.
    CompletableFuture<InputStream> opened = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("pipe").start(() -> open(pipe, opened));
    waitFor(patience, opened::isDone, "pg_basebackup does not start.");
    try {
      return opened.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("cannot open " + pipe, e);
    }
  }

  private static void open(Path pipe, CompletableFuture<InputStream> opened) {
    try {
      opened.complete(Files.newInputStream(pipe));
    } catch (IOException e) {
      opened.completeExceptionally(e);
    }
  }

  /** Returns when pg_basebackup has succeeded. */
  void awaitSuccess() throws ProgramFailure {
    try {
      waitFor(
          END,
          () -> Files.exists(folder.resolve("finished")),
          "The container with pg_basebackup ended without a result.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProgramFailure("Interrupted", "The upload was interrupted.");
    }
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds();
  }

  private void waitFor(Duration time, Condition condition, String otherwise)
      throws ProgramFailure, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (!condition.holds()) {
      Optional<String> error = error();
      if (error.isPresent()) {
        throw failure(error.get());
      }
      if (System.nanoTime() - end > 0) {
        throw new ProgramFailure("BaseBackupFailed", otherwise);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private Optional<String> error() {
    Path error = folder.resolve("error");
    try {
      return Files.exists(error) ? Optional.of(Files.readString(error).strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.of("The error file is not readable: " + e);
    }
  }

  private static ProgramFailure failure(String message) {
    return message.contains("can only write single tablespace")
        ? new ProgramFailure(
            "TablespaceUnsupported",
            "The server has a tablespace outside of its data directory, which backups do not"
                + " support: "
                + message)
        : new ProgramFailure("BaseBackupFailed", message);
  }
}
