package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalPart;
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
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Uploads the segment that is being filled, at intervals while it grows: first its beginning, then
 * each time only what follows, in a part of its own. So the time that an upload takes depends on
 * what is written, and not on the size of the segment.
 *
 * <p>A part ends behind a record with the right checksum. What the server has sent never changes,
 * so whichever process stored a part, it continues what ends at its offset.
 *
 * <p>The store may accept an upload long after its answer was lost. If it were shorter than what
 * was stored under its name meanwhile, the part behind would continue nothing. So a failed upload
 * is repeated with the same content before anything else is stored.
 */
final class PartialUpload {

  /** So many parts does a restore read for one segment, at most. */
  static final int MAX_PARTS = 100;

  private static final FileTime NEVER = FileTime.fromMillis(0);

  /** Times of files are coarse: within this time, another change may leave the time as it is. */
  private static final Duration SETTLED = Duration.ofSeconds(1);

  /**
   * What is stored under one name.
   *
   * @param isProven whether a part can continue it
   */
  private record Piece(Lsn from, Lsn end, boolean isProven) {}

  private final WalFolder store;
  private final Spool spool;
  private final int walBlockSize;
  private final Progress progress;
  private final Duration interval;
  private final LongSupplier clock;

  /** Whether the store may have the beginning of the segment. */
  private boolean isStored = true;

  private final Set<String> parts = new LinkedHashSet<>();

  /** The position that the next part continues; empty when the beginning is uploaded again. */
  private Optional<Lsn> continued = Optional.empty();

  /** What the store may have accepted without an answer. */
  private Optional<Piece> unanswered = Optional.empty();

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

  /** The segment is in the store as a whole. */
  void completed(WalSegment segment) {
    uploaded = NEVER;
    continued = Optional.empty();
    unanswered = Optional.empty();
    if (isStored) {
      parts.add(ArchiveLayout.partial(segment.name()));
    }
    isStored = false;
    deleteParts();
  }

  /** Best effort: nothing reads them any more, and the retention deletes the rest. */
  private void deleteParts() {
    if (parts.isEmpty()) {
      return;
    }
    try {
      store.delete(parts);
    } catch (StoreException e) {
      ProgramLog.say(
          "Cannot delete parts of a segment from the store, beginning with %s: %s",
          parts.iterator().next(), e.getMessage());
    }
    parts.clear();
  }

  /**
   * Uploads what has been added to the segment, if it is time to.
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
        upload(next, spool.file(ArchiveLayout.partial(next.name())), received);
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
    Lsn reported = reported(next, file, received).orElse(next.start());
    Instant now = Instant.now();
    FileTime modified = Files.getLastModifiedTime(file);
    if (modified.equals(uploaded) && !isNew(reported)) {
      return;
    }
    Optional<Lsn> written = written(next, file);
    Lsn end = written.filter(lsn -> lsn.isAtLeast(reported)).orElse(reported);
    if (unanswered.isPresent()) {
      if (!end.isAtLeast(unanswered.get().end())) {
        return; // The receiver has begun the segment again.
      }
      store(next, file, unanswered.get());
    }
    boolean isPart = parts.size() < MAX_PARTS && continued.isPresent() && written.isPresent();
    Lsn from = isPart ? continued.get() : next.start();
    Lsn to = isPart ? written.get() : end;
    // The receiver may have begun the segment again, and the store has more of it.
    if (isNew(to)) {
      store(next, file, new Piece(from, to, written.filter(to::equals).isPresent()));
    }
    uploaded = modified.toInstant().plus(SETTLED).isBefore(now) ? modified : NEVER;
  }

  private boolean isNew(Lsn end) {
    return end.compareTo(progress.reached().lsn()) > 0;
  }

  private void store(WalSegment segment, Path file, Piece piece) throws IOException {
    long offset = offset(segment, piece.from());
    String name = ArchiveLayout.part(new WalPart(segment, offset));
    if (offset > 0) {
      parts.add(name);
    }
    isStored |= offset == 0;
    unanswered = Optional.of(piece);
    store.put(name, file, offset, offset(segment, piece.end()));
    unanswered = Optional.empty();
    continued = Optional.of(piece.end()).filter(end -> piece.isProven());
    if (offset == 0) {
      deleteParts();
    }
    progress.reach(piece.end());
  }

  private static long offset(WalSegment segment, Lsn position) {
    return position.value() - segment.start().value();
  }

  /**
   * The received position, if this file has it: the server may still report that of a former
   * receiver. The end of the segment does not count: a process that begins there would take the
   * segment for complete, and never upload it as a whole.
   */
  private Optional<Lsn> reported(WalSegment next, Path file, Optional<Lsn> received)
      throws IOException {
    Optional<Lsn> end =
        received.filter(lsn -> lsn.compareTo(next.start()) > 0 && lsn.compareTo(next.end()) < 0);
    boolean there = end.isPresent() && WalPage.reaches(file, next, end.get(), walBlockSize);
    return there ? end : Optional.empty();
  }

  /**
   * The end of the last record that the file shows to be complete, if it is before that of the
   * segment. The server learns only every few seconds what was received, but also of a record that
   * comes from the segment before and that no other one follows.
   */
  private Optional<Lsn> written(WalSegment next, Path file) throws IOException {
    Lsn from = continued.orElse(next.start());
    try (FileChannel channel = FileChannel.open(file);
        InputStream content =
            new BufferedInputStream(
                Channels.newInputStream(channel.position(offset(next, WalEnd.page(from)))))) {
      return WalEnd.findProven(content, next, from).filter(end -> end.compareTo(next.end()) < 0);
    }
  }
}
