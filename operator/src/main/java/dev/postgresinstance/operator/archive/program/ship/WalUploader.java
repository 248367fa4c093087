package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.Server;
import dev.postgresinstance.operator.archive.program.ship.Lineage.Reached;
import dev.postgresinstance.operator.archive.program.ship.spool.GzipFile;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.program.ship.spool.WalPage;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Uploads the write-ahead log of one lineage: each segment when it is complete, and the one that is
 * being filled at intervals. A file is deleted only when it is in the store and the slot has moved
 * behind it. The slot is the only thing that needs the server: without a server, uploads continue.
 */
final class WalUploader {

  private static final FileTime NEVER = FileTime.fromMillis(0);

  /** Times of files are coarse: within this time, another change may leave the time as it is. */
  private static final Duration SETTLED = Duration.ofSeconds(1);

  private final String instanceId;
  private final Lineage lineage;
  private final ObjectStore store;
  private final Spool spool;
  private final SlotPosition slot;
  private final Progress progress;
  private final Duration interval;
  private final LongSupplier clock;

  private final Set<String> uploadedHistories = new HashSet<>();
  private WalSegment next;
  private boolean partialStored = true;
  private FileTime partialTime = NEVER;
  private long partialDue;

  /** The spool lacks the segment that comes next: the receiver has to begin there again. */
  static final class SpoolGapException extends IOException {
    private static final long serialVersionUID = 1;

    SpoolGapException(String message) {
      super(message);
    }
  }

  /**
   * An uploader.
   *
   * @param interval between two uploads of the segment that is being filled
   * @param clock in nanoseconds
   */
  WalUploader(
      String instanceId,
      Lineage lineage,
      ObjectStore store,
      Server server,
      Spool spool,
      DurableTimes times,
      Duration interval,
      LongSupplier clock) {
    this.instanceId = instanceId;
    this.lineage = lineage;
    this.store = store;
    this.spool = spool;
    this.interval = interval;
    this.clock = clock;
    this.partialDue = clock.getAsLong();
    this.next = lineage.next();
    this.slot = new SlotPosition(server, lineage.slot(), lineage.confirmed());
    this.progress =
        new Progress(
            store,
            ArchiveLayout.progress(instanceId, lineage.name()),
            times,
            lineage.reached(),
            clock);
  }

  /** The first segment that is not complete in the store. */
  WalSegment next() {
    return next;
  }

  /** Up to where everything is in the store. */
  Reached reached() {
    return progress.reached();
  }

  /**
   * Uploads what is there.
   *
   * @param received the position up to which the receiver had written before this call
   */
  void cycle(Optional<Lsn> received) throws IOException {
    uploadHistories();
    List<WalSegment> completed = completed();
    for (WalSegment segment : completed) {
      if (segment.number() >= next.number()) {
        upload(segment);
      }
    }
    slot.moveTo(next.start());
    deleteUploaded(completed);
    if (clock.getAsLong() - partialDue >= 0) {
      uploadPartial(received);
      partialDue = clock.getAsLong() + interval.toNanos();
    }
    if (progress.storeIfDue()) {
      slot.touch();
    }
  }

  /** Uploads what is there, also the segment that is being filled: another lineage follows. */
  void finish() throws IOException {
    partialDue = clock.getAsLong();
    cycle(Optional.empty());
  }

  private List<WalSegment> completed() throws IOException {
    return spool.completed(next.size()).stream()
        .filter(segment -> segment.timeline() == next.timeline())
        .toList();
  }

  private void uploadHistories() throws IOException {
    for (String name : spool.histories()) {
      if (!uploadedHistories.contains(name)) {
        put(ArchiveLayout.wal(instanceId, lineage.name(), name), spool.file(name));
        uploadedHistories.add(name);
      }
    }
  }

  private void upload(WalSegment segment) throws IOException {
    Path file = spool.file(segment.name());
    if (segment.number() != next.number()) {
      throw new SpoolGapException("%s is there, but not %s".formatted(segment.name(), next.name()));
    }
    if (!WalPage.startsSegment(file, segment)) {
      throw new SpoolGapException(segment.name() + " contains something else");
    }
    put(ArchiveLayout.wal(instanceId, lineage.name(), segment.name()), file);
    next = segment.next();
    partialTime = NEVER;
    progress.reach(segment.end());
    slot.moveTo(segment.end());
    if (partialStored) {
      deletePartial(segment);
    }
    progress.storeIfDue();
  }

  /** Best effort: the complete segment is there, and wins. */
  private void deletePartial(WalSegment segment) {
    try {
      store.delete(List.of(ArchiveLayout.partialWal(instanceId, lineage.name(), segment.name())));
      partialStored = false;
    } catch (StoreException e) {
      ProgramLog.say("Cannot delete %s.partial from the store: %s", segment.name(), e.getMessage());
    }
  }

  /** Keeps the newest complete segment, by which pg_receivewal knows where to continue. */
  private void deleteUploaded(List<WalSegment> completed) throws IOException {
    for (int i = 0; i < completed.size() - 1; i++) {
      if (slot.isBehind(completed.get(i).end())) {
        Files.deleteIfExists(spool.file(completed.get(i).name()));
      }
    }
  }

  private void uploadPartial(Optional<Lsn> received) throws IOException {
    Optional<WalSegment> partial = spool.partial(next.size()).filter(next::equals);
    if (partial.isEmpty()) {
      return;
    }
    Path file = spool.file(next.name() + ArchiveLayout.PARTIAL);
    try {
      if (!WalPage.startsSegment(file, next)) {
        return;
      }
      Optional<Lsn> end = endOf(file, received);
      Instant now = Instant.now();
      FileTime modified = Files.getLastModifiedTime(file);
      if (!modified.equals(partialTime)) {
        put(ArchiveLayout.partialWal(instanceId, lineage.name(), next.name()), file);
        partialStored = true;
        partialTime = modified.toInstant().plus(SETTLED).isBefore(now) ? modified : NEVER;
      }
      end.ifPresent(progress::reach);
    } catch (NoSuchFileException e) {
      // It is complete now, and has another name.
    }
  }

  /**
   * The received position, if this file has it: the server may still report that of a former
   * receiver.
   */
  private Optional<Lsn> endOf(Path file, Optional<Lsn> received) throws IOException {
    Optional<Lsn> end =
        received.filter(lsn -> lsn.compareTo(next.start()) > 0 && next.end().isAtLeast(lsn));
    boolean there =
        end.isPresent() && WalPage.reaches(file, next, end.get(), lineage.walBlockSize());
    return there ? end : Optional.empty();
  }

  private void put(String key, Path file) throws IOException {
    Path compressed = spool.outgoing();
    GzipFile.write(file, compressed);
    store.put(key, compressed);
    Files.delete(compressed);
  }
}
