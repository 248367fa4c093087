package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.restore.unpack.BaseUnpacker;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;

/**
 * The folder on the volume in which a database is restored before it gets its name.
 *
 * <p>{@code restore.sh} holds the lock of the volume, which excludes servers and other restores.
 * This program holds one of its own besides: should the script be killed, the program of the next
 * restore waits until this one has ended.
 *
 * <p>From its beginning to its end, the folder contains {@code PG_VERSION}: by this file, the start
 * script of the server recognizes data that it must not replace by an empty database.
 */
final class StagingFolder implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String FOLDER_MODE = "rwx------";
  private static final String FILE_MODE = "rw-------";

  private final Path folder;
  private final String major;
  private final FileChannel lockFile;

  private StagingFolder(Path folder, String major, FileChannel lockFile) {
    this.folder = folder;
    this.major = major;
    this.lockFile = lockFile;
  }

  /**
   * Locks the folder.
   *
   * @param volume the root folder of the volume, whose lock the script holds
   * @throws ProgramFailure when another program does not release it
   */
  static StagingFolder lock(Path volume, String major) throws ProgramFailure, IOException {
    FileChannel file =
        FileChannel.open(
            volume.resolve("restore.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    long begin = System.nanoTime();
    FileLock lock = file.tryLock();
    while (lock == null) {
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        file.close();
        throw new ProgramFailure(
            "VolumeLocked", "Another restore still writes to the volume. Nothing was written.");
      }
      Exchange.pause();
      lock = file.tryLock();
    }
    return new StagingFolder(volume.resolve(major + ".restore"), major, file);
  }

  /** The path of the folder. */
  Path path() {
    return folder;
  }

  /** Deletes what an earlier restore has left; then there is an empty folder. */
  void begin() throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(folder);
      Files.createDirectory(folder, mode(FOLDER_MODE));
    }
    Path version = folder.resolve(BaseUnpacker.VERSION_FILE);
    if (!Files.isRegularFile(version, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(version);
      Files.createFile(version, mode(FILE_MODE));
      Files.writeString(version, major + "\n");
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.equals(version)) {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            if (!visited.equals(folder)) {
              Files.delete(visited);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** An empty folder for one of several backups, which {@code restore.sh} combines. */
  Path part(int number) throws IOException {
    Path parts = folder.resolve("parts");
    if (!Files.exists(parts)) {
      Files.createDirectory(parts, mode(FOLDER_MODE));
    }
    return Files.createDirectory(parts.resolve("%03d".formatted(number)), mode(FOLDER_MODE));
  }

  private static FileAttribute<?> mode(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  /** Bytes that can still be written. */
  long usableSpace() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /** Releases the lock. */
  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
