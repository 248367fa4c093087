package dev.postgresinstance.operator.archive.program.ship.spool;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder that receiver and shipper share.
 *
 * <pre>
 * wal/        segments and history files, written by pg_receivewal
 * receive     the order to receive: the lineage and the size of a segment. Written here, obeyed by
 *             the receiver, which starts over when the text changes
 * receiving   the order that is being obeyed: while it is there, pg_receivewal may write
 * lineage     the lineage that the files in wal/ belong to
 * upload/     compressed files on their way to the store
 * </pre>
 */
public final class Spool {

  /** Folder of segments and history files. */
  public static final String WAL = "wal";

  /** File with the name of the lineage that they belong to. */
  public static final String LINEAGE = "lineage";

  private static final Pattern HISTORY = Pattern.compile("[0-9A-F]{8}\\.history");
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final int POLL_MILLIS = 100;

  private final Path root;
  private final Path wal;
  private State state = State.STOPPED;

  private enum State {
    STOPPED,
    RECEIVING,
    PAUSED
  }

  /**
   * The files of a spool. Removes what was on its way to the store.
   *
   * @param root the folder that is mounted in both containers
   */
  public Spool(Path root) throws IOException {
    this.root = root;
    this.wal = Files.createDirectories(root.resolve(WAL));
    clear(Files.createDirectories(root.resolve("upload")));
  }

  /** The folder that is mounted in both containers. */
  public Path root() {
    return root;
  }

  /** The complete segments, in order. */
  public List<WalSegment> completed(long segmentSize) throws IOException {
    List<WalSegment> found = new ArrayList<>();
    for (String name : names()) {
      WalSegment.named(name, segmentSize).ifPresent(found::add);
    }
    return found;
  }

  /** The segment that is being received. */
  public Optional<WalSegment> partial(long segmentSize) throws IOException {
    Optional<WalSegment> last = Optional.empty();
    for (String name : names()) {
      if (name.endsWith(ArchiveLayout.PARTIAL)) {
        String segment = name.substring(0, name.length() - ArchiveLayout.PARTIAL.length());
        last = WalSegment.named(segment, segmentSize);
      }
    }
    return last;
  }

  /** The names of the history files of timelines. */
  public List<String> histories() throws IOException {
    return names().stream().filter(name -> HISTORY.matcher(name).matches()).toList();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(wal)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** A file of the write-ahead log. */
  public Path file(String name) {
    return wal.resolve(name);
  }

  /** A file for what is uploaded next. */
  public Path outgoing() {
    return root.resolve("upload").resolve("next" + ArchiveLayout.GZIP);
  }

  /** Whether the files belong to a lineage. */
  public boolean belongsTo(String lineage) throws IOException {
    return read(LINEAGE).equals(lineage);
  }

  /** Whether a receiver that continues with the files that are there brings a segment. */
  public boolean canContinue(WalSegment next) throws IOException {
    return Files.exists(wal.resolve(next.name()))
        || Files.exists(wal.resolve(next.name() + ArchiveLayout.PARTIAL))
        || Files.exists(wal.resolve(next.previous().name()));
  }

  /** Lets the receiver continue with the files that are there. */
  public synchronized void receive(String lineage, long segmentSize) throws IOException {
    write("receive", order(lineage, segmentSize));
    state = State.RECEIVING;
  }

  /**
   * Empties the spool, and lets the receiver begin with a segment.
   *
   * @param first an empty file marks it: pg_receivewal continues with the newest file
   */
  public synchronized void restart(String lineage, WalSegment first) throws IOException {
    stop();
    Files.deleteIfExists(root.resolve(LINEAGE));
    clear(wal);
    Files.createFile(wal.resolve(first.name() + ArchiveLayout.PARTIAL));
    write(LINEAGE, lineage);
    receive(lineage, first.size());
  }

  /** Stops the receiver, and returns when it does not write any more. */
  public synchronized void stop() throws IOException {
    state = State.STOPPED;
    Files.deleteIfExists(root.resolve("receive"));
    long end = System.nanoTime() + STOP.toNanos();
    while (Files.exists(root.resolve("receiving"))) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("The receiver does not stop.");
      }
      sleep();
    }
  }

  private static void sleep() throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /**
   * Pauses the receiver while the files need more than the limit, until they need less than half of
   * it. The server keeps what is not received.
   *
   * @param limit in bytes; at least four segments count
   * @return whether the receiver is paused
   */
  public synchronized boolean bound(String lineage, long segmentSize, long limit)
      throws IOException {
    long used = bytes();
    long most = Math.max(limit, 4 * segmentSize);
    if (state == State.RECEIVING && used > most) {
      Files.deleteIfExists(root.resolve("receive"));
      state = State.PAUSED;
    } else if (state == State.PAUSED && used <= most / 2) {
      receive(lineage, segmentSize);
    }
    return state == State.PAUSED;
  }

  private long bytes() throws IOException {
    long sum = 0;
    for (String name : names()) {
      try {
        sum += Files.size(wal.resolve(name));
      } catch (NoSuchFileException e) {
        // Uploaded meanwhile, or complete and renamed.
      }
    }
    return sum;
  }

  private static String order(String lineage, long segmentSize) {
    return lineage + " " + segmentSize + "\n";
  }

  private String read(String name) throws IOException {
    Path file = root.resolve(name);
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name + ".new");
    Files.writeString(file, text);
    Files.move(file, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void clear(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
