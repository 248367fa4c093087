package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.Server;
import dev.postgresinstance.operator.archive.program.ship.progress.DurableTimes;
import dev.postgresinstance.operator.archive.program.ship.progress.Progress;
import dev.postgresinstance.operator.archive.program.ship.progress.Reached;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.program.ship.spool.WalPage;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  private final WalFolder store;
  private final Spool spool;
  private final SlotPosition slot;
  private final Progress progress;
  private final PartialUpload partial;

  private final Set<String> uploadedHistories = new HashSet<>();
  private WalSegment next;

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
   * @param interval between the starts of two uploads of the segment that is being filled
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
    this.store = new WalFolder(store, spool, instanceId, lineage.name());
    this.spool = spool;
    this.next = lineage.next();
    this.slot = new SlotPosition(server, lineage.slot(), lineage.confirmed());
    this.progress =
        new Progress(
            store,
            ArchiveLayout.progress(instanceId, lineage.name()),
            times,
            lineage.reached(),
            clock);
    this.partial =
        new PartialUpload(this.store, spool, lineage.walBlockSize(), progress, interval, clock);
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
    partial.uploadIfDue(next, received);
    if (progress.storeIfDue()) {
      slot.touch();
    }
  }

  /** How long until the segment that is being filled is uploaded again. */
  Duration untilDue() {
    return partial.untilDue();
  }

  /**
   * Uploads what is there, also the segment that is being filled: another lineage follows.
   *
   * @param received as for {@link #cycle}
   */
  void finish(Optional<Lsn> received) throws IOException {
    partial.hurry();
    cycle(received);
  }

  private List<WalSegment> completed() throws IOException {
    return spool.completed(next.size()).stream()
        .filter(segment -> segment.timeline() == next.timeline())
        .toList();
  }

  private void uploadHistories() throws IOException {
    for (String name : spool.histories()) {
      if (!uploadedHistories.contains(name)) {
        store.put(name, spool.file(name));
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
    store.put(segment.name(), file);
    next = segment.next();
    progress.reach(segment.end());
    slot.moveTo(segment.end());
    partial.completed(segment);
    progress.storeIfDue();
  }

  /** Keeps the newest complete segment, by which pg_receivewal knows where to continue. */
  private void deleteUploaded(List<WalSegment> completed) throws IOException {
    for (int i = 0; i < completed.size() - 1; i++) {
      if (slot.isBehind(completed.get(i).end())) {
        Files.deleteIfExists(spool.file(completed.get(i).name()));
      }
    }
  }
}
