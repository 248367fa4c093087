package dev.postgresinstance.operator.archive.program.restore.wal;

import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.WalPart;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The write-ahead log of a lineage, up to a fixed end: an instance that still writes to the archive
 * must not move the end of a recovery.
 *
 * @param segmentSize bytes of each segment
 * @param end the first position that is not part of the recovery
 * @param mayBeShort whether a missing end of the last segment counts as zeros, where PostgreSQL
 *     ends a recovery
 */
public record WalSource(
    ObjectStore store,
    String instanceId,
    String lineage,
    int timeline,
    long segmentSize,
    Lsn end,
    boolean mayBeShort) {

  /**
   * What of a file is in the archive.
   *
   * @param content not compressed
   */
  private record Found(InputStream content, boolean complete) {}

  private static final int BUFFER = 1 << 16;

  /** The parts of a segment may be deleted while they are read, because it is complete now. */
  private static final int ATTEMPTS = 3;

  /** A log that must have everything before its end. */
  public WalSource(
      ObjectStore store,
      String instanceId,
      String lineage,
      int timeline,
      long segmentSize,
      Lsn end) {
    this(store, instanceId, lineage, timeline, segmentSize, end, false);
  }

  /** The same log with another end. */
  public WalSource upTo(Lsn newEnd) {
    return new WalSource(store, instanceId, lineage, timeline, segmentSize, newEnd);
  }

  /** The same log for a target that may be before what is missing of the last segment. */
  public WalSource asFarAsPossible() {
    return new WalSource(store, instanceId, lineage, timeline, segmentSize, end, true);
  }

  /**
   * Checks that the log contains the ancestors of its timeline, without which PostgreSQL does not
   * recover along it.
   */
  public void checkHistory() throws ProgramFailure, StoreException {
    String name = "%08X%s".formatted(timeline, ArchiveLayout.HISTORY);
    if (timeline > 1 && store.find(ArchiveLayout.wal(instanceId, lineage, name)).isEmpty()) {
      throw WalFailures.missing(name);
    }
  }

  /** The segment that a name means, if it is one of this log before its end. */
  public Optional<WalSegment> segment(String name) {
    return WalSegment.named(name, segmentSize)
        .filter(segment -> segment.timeline() == timeline)
        .filter(segment -> segment.start().compareTo(end) < 0);
  }

  /**
   * The end of the last record that the archive contains completely.
   *
   * @param from an end of a record, at which the search ends
   * @throws ProgramFailure when the archive contains less than it says
   */
  public Lsn lastRecordEnd(Lsn from) throws ProgramFailure, IOException {
    WalSegment segment = WalSegment.containing(new Lsn(end.value() - 1), timeline, segmentSize);
    Lsn limit = end;
    while (segment.end().compareTo(from) > 0) {
      Optional<Lsn> found = lastRecordEnd(segment, limit);
      if (found.isPresent()) {
        return found.get().isAtLeast(from) ? found.get() : from;
      }
      limit = segment.start();
      segment = segment.previous();
    }
    return from;
  }

  private Optional<Lsn> lastRecordEnd(WalSegment segment, Lsn limit)
      throws ProgramFailure, IOException {
    for (int attempt = 1; true; attempt++) {
      Found found = find(segment.name()).orElseThrow(() -> WalFailures.missing(segment.name()));
      try {
        return lastRecordEnd(found, segment, limit);
      } catch (DamagedWalException e) {
        if (found.complete || attempt == ATTEMPTS) {
          throw WalFailures.damaged(segment.name(), e.getMessage());
        }
      }
    }
  }

  private static Optional<Lsn> lastRecordEnd(Found found, WalSegment segment, Lsn limit)
      throws ProgramFailure, IOException, DamagedWalException {
    try (InputStream content = found.content) {
      return WalEnd.find(content, segment, limit);
    } catch (IOException e) {
      throw WalFailures.damaged(segment.name(), e);
    }
  }

  /**
   * Writes a file as PostgreSQL needs it. A segment that is not complete, or that continues behind
   * the end, gets its full size.
   *
   * @return false when the archive has no such file, and PostgreSQL can do without it
   * @throws ProgramFailure when a segment before the end is missing or damaged
   */
  public boolean download(String name, Path target) throws ProgramFailure, IOException {
    Optional<WalSegment> segment = segment(name);
    if (segment.isEmpty() && !name.endsWith(ArchiveLayout.HISTORY)) {
      return false;
    }
    Path unfinished = target.resolveSibling(name + ".new");
    for (int attempt = 1; true; attempt++) {
      Optional<Found> found = find(name);
      if (found.isEmpty()) {
        if (segment.isPresent()) {
          throw WalFailures.missing(name);
        }
        return false;
      }
      write(name, found.get(), unfinished);
      if (segment.isEmpty() || fit(segment.get(), found.get(), attempt, unfinished)) {
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        return true;
      }
    }
  }

  private Optional<Found> find(String name) throws ProgramFailure, StoreException {
    Optional<Found> found = complete(name);
    Optional<WalSegment> segment = WalSegment.named(name, segmentSize);
    if (found.isPresent() || segment.isEmpty()) {
      return found;
    }
    Optional<InputStream> beginning =
        store.open(ArchiveLayout.partialWal(instanceId, lineage, name));
    // The beginning is deleted when the segment is complete, which it may have become meanwhile.
    return beginning.isPresent()
        ? Optional.of(new Found(withParts(segment.get(), beginning.get()), false))
        : complete(name);
  }

  private Optional<Found> complete(String name) throws ProgramFailure, StoreException {
    Optional<InputStream> content = store.open(ArchiveLayout.wal(instanceId, lineage, name));
    return content.isPresent()
        ? Optional.of(new Found(unzip(name, content.get()), true))
        : Optional.empty();
  }

  private InputStream withParts(WalSegment segment, InputStream beginning)
      throws ProgramFailure, StoreException {
    return new PartialSegment(
        unzip(segment.name(), beginning),
        offset ->
            store.open(
                ArchiveLayout.wal(
                    instanceId, lineage, ArchiveLayout.part(new WalPart(segment, offset)))));
  }

  private static void write(String name, Found found, Path file)
      throws ProgramFailure, IOException {
    byte[] buffer = new byte[BUFFER];
    try (InputStream content = found.content;
        OutputStream out = Files.newOutputStream(file)) {
      for (int read = read(name, content, buffer); read > 0; read = read(name, content, buffer)) {
        out.write(buffer, 0, read);
      }
    }
  }

  private static InputStream unzip(String name, InputStream content)
      throws ProgramFailure, StoreException {
    try {
      return new GZIPInputStream(new StoreStream(content), BUFFER);
    } catch (IOException e) {
      throw WalFailures.damaged(name, e);
    }
  }

  private static int read(String name, InputStream content, byte[] buffer)
      throws ProgramFailure, StoreException {
    try {
      return content.read(buffer);
    } catch (IOException e) {
      throw WalFailures.damaged(name, e);
    }
  }

  /**
   * Checks the size, and replaces what follows the end of this log by zeros.
   *
   * @return false if the file is to be read again
   */
  private boolean fit(WalSegment segment, Found found, int attempt, Path file)
      throws ProgramFailure, IOException {
    long size = Files.size(file);
    long needed = Math.min(segmentSize, end.value() - segment.start().value());
    long least = found.complete ? segmentSize : needed;
    if (mayBeShort && !found.complete && attempt == ATTEMPTS) {
      least = 0;
    }
    if (size > segmentSize || size < least) {
      if (found.complete || attempt == ATTEMPTS) {
        long right = size < least ? least : segmentSize;
        throw WalFailures.damaged(
            segment.name(), "it has %d bytes, but must have %d".formatted(size, right));
      }
      return false;
    }
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
      content.setLength(needed);
      content.setLength(segmentSize);
    }
    return true;
  }
}
