package dev.postgresinstance.operator.archive.program.received;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.ArchiveRecord;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.restore.wal.StoreStream;
import dev.postgresinstance.operator.archive.program.restore.wal.WalEnd;
import dev.postgresinstance.operator.archive.program.ship.spool.GzipFile;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.program.ship.spool.WalPage;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The segments in a spool that continue what is in the archive, without a gap.
 *
 * @param lineage that they belong to
 * @param files each segment by its key in the archive; the last one may be incomplete
 * @param progress of the lineage, if they were in the archive
 */
public record ReceivedWal(LineageRecord lineage, Map<String, Path> files, ProgressRecord progress) {

  /**
   * Finds what a spool has and the archive does not.
   *
   * @param spool its folder, which need not exist
   * @return empty when the archive has everything
   */
  public static Optional<ReceivedWal> find(ObjectStore store, Path spool, String instanceId)
      throws IOException {
    Path name = spool.resolve(Spool.LINEAGE);
    if (!Files.exists(name)) {
      return Optional.empty();
    }
    String lineage = Files.readString(name);
    Optional<LineageRecord> record =
        ArchiveJson.read(store, ArchiveLayout.lineage(instanceId, lineage), LineageRecord.class);
    Optional<ProgressRecord> progress =
        ArchiveJson.read(store, ArchiveLayout.progress(instanceId, lineage), ProgressRecord.class);
    return record.isEmpty() || progress.isEmpty()
        ? Optional.empty()
        : find(store, spool.resolve(Spool.WAL), record.get(), progress.get());
  }

  private static Optional<ReceivedWal> find(
      ObjectStore store, Path folder, LineageRecord lineage, ProgressRecord progress)
      throws IOException {
    String id = lineage.instanceId();
    Map<String, Path> files = new LinkedHashMap<>();
    WalSegment next =
        WalSegment.containing(progress.lsn(), lineage.timeline(), lineage.walSegmentSize());
    Lsn end = progress.lsn();
    Path complete = folder.resolve(next.name());
    while (isThere(complete, next)) {
      files.put(ArchiveLayout.wal(id, lineage.lineage(), next.name()), complete);
      end = next.end();
      next = next.next();
      complete = folder.resolve(next.name());
    }
    Path partial = folder.resolve(next.name() + ArchiveLayout.PARTIAL);
    Optional<Lsn> written =
        isThere(partial, next) ? written(store, lineage, partial, next) : Optional.empty();
    if (written.isPresent() && written.get().compareTo(end) > 0) {
      files.put(ArchiveLayout.partialWal(id, lineage.lineage(), next.name()), partial);
      end = written.get();
    }
    if (files.isEmpty() || end.compareTo(progress.lsn()) <= 0) {
      return Optional.empty();
    }
    ProgramLog.say("Up to %s, the write-ahead log was received and not stored yet.", end);
    return Optional.of(
        new ReceivedWal(
            lineage,
            files,
            new ProgressRecord(ArchiveRecord.FORMAT_VERSION, end, progress.time())));
  }

  private static boolean isThere(Path file, WalSegment segment) throws IOException {
    return Files.exists(file)
        && Files.size(file) == segment.size()
        && WalPage.startsSegment(file, segment);
  }

  private static Optional<Lsn> written(
      ObjectStore store, LineageRecord lineage, Path file, WalSegment segment) throws IOException {
    try (InputStream before = before(store, lineage, file, segment.previous());
        InputStream content = new BufferedInputStream(Files.newInputStream(file))) {
      return WalEnd.findWritten(before, content, segment);
    }
  }

  /** The segment before: in the spool or, when the shipper has deleted it there, in the archive. */
  private static InputStream before(
      ObjectStore store, LineageRecord lineage, Path sibling, WalSegment segment)
      throws IOException {
    try {
      return new BufferedInputStream(Files.newInputStream(sibling.resolveSibling(segment.name())));
    } catch (NoSuchFileException e) {
      String key = ArchiveLayout.wal(lineage.instanceId(), lineage.lineage(), segment.name());
      Optional<InputStream> stored = store.open(key);
      return stored.isPresent()
          ? new GZIPInputStream(new StoreStream(stored.get()))
          : InputStream.nullInputStream();
    }
  }

  /**
   * Makes it a part of the archive. An upload of unknown length would need more memory than the
   * backup pod has.
   *
   * @param compressed a file that is written and deleted meanwhile
   */
  public void store(ObjectStore store, Path compressed) throws IOException {
    for (Map.Entry<String, Path> file : files.entrySet()) {
      GzipFile.write(file.getValue(), 0, Files.size(file.getValue()), compressed);
      store.put(file.getKey(), compressed);
    }
    Files.delete(compressed);
    store.put(progressKey(), ArchiveJson.write(progress));
  }

  /** Key of the progress of the lineage. */
  String progressKey() {
    return ArchiveLayout.progress(lineage.instanceId(), lineage.lineage());
  }

  /** The content of an object that the archive would have. */
  static InputStream open(Path file) throws IOException {
    return new GzipSource(Files.newInputStream(file));
  }
}
