package dev.postgresinstance.operator.archive;

import dev.postgresinstance.operator.archive.store.InMemoryStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/**
 * An archive in memory that grows like that of a server: one segment each {@link #SEGMENT_TIME}.
 * Its methods act at the time of its clock.
 */
public final class TestArchive {

  /** The instance of the archive. */
  public static final String INSTANCE = "b1e9";

  /** How long the server needs to fill a segment. */
  public static final Duration SEGMENT_TIME = Duration.ofHours(1);

  private static final long SEGMENT = 16L << 20;
  private static final int TIMELINE = 1;
  private static final DateTimeFormatter BACKUP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter LINEAGE =
      DateTimeFormatter.ofPattern("yyyyMMdd't'HHmmss'z'").withZone(ZoneOffset.UTC);

  private final InMemoryStore store = new InMemoryStore();
  private final Instant begin;
  private Instant now;
  private String lineage;
  private WalSegment segment;

  /** An archive with a lineage, and a server that begins to write. */
  public TestArchive(Instant begin) throws StoreException {
    this.begin = begin;
    moveTo(begin);
    segment = new WalSegment(TIMELINE, 3, SEGMENT);
    newLineage();
  }

  /** The store with the archive. */
  public InMemoryStore store() {
    return store;
  }

  /** The time of the clock. */
  public Instant now() {
    return now;
  }

  /** Name of the lineage to which the server writes. */
  public String lineage() {
    return lineage;
  }

  /** What the archive contains now. */
  public Catalogue catalogue() throws StoreException {
    return Catalogue.read(store, INSTANCE);
  }

  /** The segment that the server writes at a time. */
  public WalSegment segmentAt(Instant time) {
    return WalSegment.containing(lsnAt(time), TIMELINE, SEGMENT);
  }

  /** The position that the server writes at a time. */
  public Lsn lsnAt(Instant time) {
    long hours = Duration.between(begin, time).dividedBy(SEGMENT_TIME);
    long rest = Duration.between(begin, time).toSeconds() % SEGMENT_TIME.toSeconds();
    return new Lsn((3 + hours) * SEGMENT + 0x28 + rest * 1024);
  }

  /** Begins another lineage, from which the segments since the last one are missing. */
  public void newLineage() throws StoreException {
    lineage = "7456-%08X-%s".formatted(TIMELINE, LINEAGE.format(now));
    segment = segmentAt(now);
    put(
        ArchiveLayout.lineage(INSTANCE, lineage),
        new LineageRecord(
            1,
            INSTANCE,
            lineage,
            "7456",
            TIMELINE,
            SEGMENT,
            "17.6",
            segment.start(),
            now,
            "uid",
            "orders",
            "shop",
            null,
            null));
  }

  /** Lets time pass and uploads everything that the server writes. */
  public void run(Duration time) throws StoreException {
    moveTo(now.plus(time));
    WalSegment current = segmentAt(now);
    while (segment.number() < current.number()) {
      store.put(ArchiveLayout.wal(INSTANCE, lineage, segment.name()), new byte[0]);
      store.delete(List.of(ArchiveLayout.partialWal(INSTANCE, lineage, segment.name())));
      segment = segment.next();
    }
    store.put(ArchiveLayout.partialWal(INSTANCE, lineage, segment.name()), new byte[0]);
    put(ArchiveLayout.progress(INSTANCE, lineage), new ProgressRecord(1, lsnAt(now), now));
  }

  /** Lets time pass without a server, or without a store. */
  public void pause(Duration time) {
    moveTo(now.plus(time));
  }

  /** Makes a backup, which takes half an hour, and uploads the log meanwhile. */
  public BackupRecord backup() throws StoreException {
    return backup(null);
  }

  /** Makes a backup that needs another one. */
  public BackupRecord backup(String parent) throws StoreException {
    Instant start = now;
    String name = BACKUP.format(start);
    store.put(ArchiveLayout.base(INSTANCE, lineage, name), new byte[0]);
    store.put(ArchiveLayout.manifest(INSTANCE, lineage, name), new byte[0]);
    run(Duration.ofMinutes(30));
    BackupRecord backup =
        new BackupRecord(
            1,
            name,
            INSTANCE,
            lineage,
            "17.6",
            start,
            now,
            lsnAt(start),
            lsnAt(now),
            TIMELINE,
            1000,
            100,
            "00",
            parent == null ? BackupRecord.FULL : "incremental",
            parent);
    put(ArchiveLayout.backupRecord(INSTANCE, lineage, name), backup);
    return backup;
  }

  /** Records a successful verification. */
  public void verify(BackupRecord backup) throws StoreException {
    put(
        ArchiveLayout.verification(INSTANCE, backup.lineage(), backup.name(), now),
        new VerificationRecord(1, backup.name(), now, lsnAt(now), now, 60));
  }

  /** Begins a backup that does not end. */
  public String failedBackup() throws StoreException {
    String name = BACKUP.format(now);
    store.put(ArchiveLayout.base(INSTANCE, lineage, name), new byte[0]);
    return name;
  }

  private void put(String key, ArchiveRecord content) throws StoreException {
    store.put(key, ArchiveJson.write(content));
  }

  private void moveTo(Instant time) {
    now = time;
    store.setTime(time);
  }
}
