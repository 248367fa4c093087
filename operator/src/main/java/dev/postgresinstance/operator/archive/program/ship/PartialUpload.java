package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.restore.wal.WalEnd;
import dev.postgresinstance.operator.archive.program.ship.progress.Progress;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.program.ship.spool.WalPage;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Uploads the segment that is being filled, at intervals while it changes. */
final class PartialUpload {

  private static final FileTime NEVER = FileTime.fromMillis(0);

  /** Times of files are coarse: within this time, another change may leave the time as it is. */
  private static final Duration SETTLED = Duration.ofSeconds(1);

  private final WalFolder store;
  private final Spool spool;
  private final int walBlockSize;
  private final Progress progress;
  private final Duration interval;
  private final LongSupplier clock;

  private boolean isStored = true;
  private FileTime uploaded = NEVER;
  private long due;

  /**
   * Uploads to come.
   *
   * @param walBlockSize in bytes
   * @param interval between the starts of two uploads
   * @param clock in nanoseconds
   */
  PartialUpload(
      WalFolder store,
      Spool spool,
      int walBlockSize,
      Progress progress,
      Duration interval,
      LongSupplier clock) {
    this.store = store;
    this.spool = spool;
    this.walBlockSize = walBlockSize;
    this.progress = progress;
    this.interval = interval;
    this.clock = clock;
    this.due = clock.getAsLong();
  }

  /** How long until the next upload. */
  Duration untilDue() {
    return Duration.ofNanos(Math.max(0, due - clock.getAsLong()));
  }

  /** Lets the next upload follow at once. */
  void hurry() {
    due = clock.getAsLong();
  }

  /** The segment is in the store as a whole. Best effort: what is complete wins. */
  void completed(WalSegment segment) {
    uploaded = NEVER;
    if (isStored) {
      try {
        store.delete(segment.name() + ArchiveLayout.PARTIAL);
        isStored = false;
      } catch (StoreException e) {
        ProgramLog.say(
            "Cannot delete %s.partial from the store: %s", segment.name(), e.getMessage());
      }
    }
  }

  /**
   * Uploads the segment if it has changed and it is time to.
   *
   * @param next the first segment that is not complete in the store
   * @param received the position up to which the receiver had written before this call, as far as
   *     the server knows
   */
  void uploadIfDue(WalSegment next, Optional<Lsn> received) throws IOException {
    if (!untilDue().isZero()) {
      return;
    }
    long started = clock.getAsLong();
    if (spool.partial(next.size()).filter(next::equals).isPresent()) {
      try {
        upload(next, spool.file(next.name() + ArchiveLayout.PARTIAL), received);
      } catch (NoSuchFileException e) {
        // It is complete now, and has another name.
      }
    }
    // From the start: what is committed during an upload must not wait for longer.
    due = started + interval.toNanos();
  }

  private void upload(WalSegment next, Path file, Optional<Lsn> received) throws IOException {
    if (!WalPage.startsSegment(file, next)) {
      return;
    }
    Optional<Lsn> end = reported(next, file, received);
    Instant now = Instant.now();
    FileTime modified = Files.getLastModifiedTime(file);
    if (!modified.equals(uploaded)) {
      end = Stream.concat(end.stream(), written(next, file).stream()).max(Lsn::compareTo);
      Lsn stored = progress.reached().lsn();
      if (stored.compareTo(next.start()) > 0
          && end.filter(lsn -> lsn.isAtLeast(stored)).isEmpty()) {
        return; // The receiver has begun the segment again, and the store has more of it.
      }
      store.put(next.name() + ArchiveLayout.PARTIAL, file);
      isStored = true;
      uploaded = modified.toInstant().plus(SETTLED).isBefore(now) ? modified : NEVER;
    }
    end.ifPresent(progress::reach);
  }

  /**
   * The received position, if this file has it: the server may still report that of a former
   * receiver.
   */
  private Optional<Lsn> reported(WalSegment next, Path file, Optional<Lsn> received)
      throws IOException {
    Optional<Lsn> end =
        received.filter(lsn -> lsn.compareTo(next.start()) > 0 && next.end().isAtLeast(lsn));
    boolean there = end.isPresent() && WalPage.reaches(file, next, end.get(), walBlockSize);
    return there ? end : Optional.empty();
  }

  /**
   * The end of the last record that the file shows to be complete. The server learns only every few
   * seconds what was received, but also of a record that comes from the segment before and that no
   * other one follows.
   */
  private static Optional<Lsn> written(WalSegment next, Path file) throws IOException {
    try (InputStream content = new BufferedInputStream(Files.newInputStream(file))) {
      return WalEnd.findProven(content, next);
    }
  }
}
