package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/**
 * The folder that this program shares with {@code restore.sh}; the head of that script lists the
 * files. A file appears with all of its content.
 */
final class Exchange {

  private static final long PAUSE_MILLIS = 20;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** The image of the other container may have to be pulled. */
  private static final Duration FIRST_SIGN = Duration.ofMinutes(15);

  private static final String ALIVE = "alive";

  private final Path folder;
  private final long patienceNanos;
  private long lookedAt = System.nanoTime() - Duration.ofDays(1).toNanos();
  private End lastLook = End.NONE;
  private String lastSign = "";
  private long lastSignAt = System.nanoTime();

  /**
   * A folder.
   *
   * @param patience after which a script that gives no sign of life has ended
   */
  Exchange(Path folder, Duration patience) {
    this.folder = folder;
    this.patienceNanos = patience.toNanos();
  }

  /** What the script has done. */
  enum End {
    /** It runs. */
    NONE,
    /** It has restored the database, or an earlier one has. */
    DONE
  }

  /**
   * Refuses a folder that an earlier run of this program has used: that run has ended in the
   * middle, and the script may still work with its files.
   */
  void refuseIfUsed() throws ProgramFailure {
    for (String name : new String[] {"plan", "progress", "fetch-failed"}) {
      if (Files.exists(folder.resolve(name))) {
        throw new ProgramFailure(
            "RestoreInterrupted",
            "The program that reads the archive was interrupted. A new pod starts over.");
      }
    }
  }

  /**
   * Waits for a file of the script.
   *
   * @return false when there is nothing to do, because the database is restored already
   */
  boolean await(String name) throws ProgramFailure, IOException {
    while (!Files.exists(folder.resolve(name))) {
      if (look() == End.DONE) {
        return false;
      }
      pause();
    }
    return true;
  }

  /** Waits for the time in which files are looked for again. */
  static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it waited", e);
    }
  }

  /**
   * Whether the script has ended; costs nothing if asked too often.
   *
   * @throws ProgramFailure when it has failed, or shows no sign of life
   */
  End look() throws ProgramFailure, IOException {
    if (System.nanoTime() - lookedAt < PAUSE_MILLIS * NANOS_PER_MILLI / 2) {
      return lastLook;
    }
    lastLook = lookNow();
    lookedAt = System.nanoTime();
    return lastLook;
  }

  private End lookNow() throws ProgramFailure, IOException {
    if (Files.exists(folder.resolve("done"))) {
      return End.DONE;
    }
    Path failed = folder.resolve("failed");
    if (Files.exists(failed)) {
      String text = Files.readString(failed).strip();
      int colon = text.indexOf(": ");
      throw colon < 0
          ? new ProgramFailure("RestoreFailed", text)
          : new ProgramFailure(text.substring(0, colon), text.substring(colon + 2));
    }
    String sign = sign();
    if (!sign.equals(lastSign)) {
      lastSign = sign;
      lastSignAt = System.nanoTime();
    }
    long silence = System.nanoTime() - lastSignAt;
    if (silence > (lastSign.isEmpty() ? FIRST_SIGN.toNanos() : patienceNanos)) {
      throw new ProgramFailure(
          "RestoreInterrupted",
          "The container that recovers the database has ended without a result."
              + " The next restore starts over.");
    }
    return End.NONE;
  }

  private String sign() throws IOException {
    try {
      return Files.readString(folder.resolve(ALIVE));
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Writes a file of this program. */
  void write(String name, String content) throws IOException {
    Path unfinished = folder.resolve(name + ".new");
    Files.writeString(unfinished, content);
    Files.move(unfinished, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Reads a file of the script. */
  String read(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  /** The files of the write-ahead log for which PostgreSQL waits. */
  Set<String> wanted() throws IOException {
    return names("want");
  }

  /** Whether PostgreSQL waits for a file. */
  boolean isWanted(String name) {
    return Files.exists(folder.resolve("want").resolve(name));
  }

  /** Whether PostgreSQL still has to take a file, or to learn that there is none. */
  boolean isAnswered(String name) {
    return Files.exists(wal(name)) || Files.exists(folder.resolve("missing").resolve(name));
  }

  /** Tells PostgreSQL that the archive has no such file. */
  void tellMissing(String name) throws IOException {
    Files.createFile(folder.resolve("missing").resolve(name));
  }

  /** Where PostgreSQL finds a file, and deletes it when it has its own copy. */
  Path wal(String name) {
    return folder.resolve("wal").resolve(name);
  }

  /** The files that PostgreSQL has not taken yet, and those that are being written. */
  Set<String> delivered() throws IOException {
    return names("wal");
  }

  private Set<String> names(String subfolder) throws IOException {
    Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.resolve(subfolder))) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    } catch (NoSuchFileException e) {
      // The script creates the folder before it starts PostgreSQL.
    }
    return names;
  }
}
