package dev.postgresinstance.operator.archive;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of the objects in an archive: the only place that spells them. */
public final class ArchiveLayout {

  /** End of the name of each compressed object. */
  public static final String GZIP = ".gz";

  /** End of the name of a segment that is not complete, before {@link #GZIP}. */
  public static final String PARTIAL = ".partial";

  /** End of the name of a file that tells the ancestors of a timeline, before {@link #GZIP}. */
  public static final String HISTORY = ".history";

  /** Name of the folder beside those of the lineages that is no part of the archive. */
  static final String SPOOL = "spool";

  private static final Pattern PART = Pattern.compile("([0-9A-F]{24})[.]partial-([0-9A-F]{8})");
  private static final int HEX = 16;
  private static final String VERIFIED = "verified-";
  private static final Pattern VERIFICATION = Pattern.compile("/" + VERIFIED + "([^/]+)[.]json$");
  private static final DateTimeFormatter VERIFIED_AT =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private ArchiveLayout() {}

  /** Folder of an archive, with the slash. */
  public static String instanceFolder(String instanceId) {
    return instanceId + "/";
  }

  /**
   * On a volume: the folder into which the backup pod of the instance receives the write-ahead log,
   * before it is a part of the archive.
   */
  public static String spool(String instanceId) {
    return instanceFolder(instanceId) + SPOOL;
  }

  /** Who has written the archive, for people. */
  public static String instance(String instanceId) {
    return instanceId + "/instance.json";
  }

  /** Folder of a lineage, with the slash. */
  public static String lineageFolder(String instanceId, String lineage) {
    return instanceId + "/" + lineage + "/";
  }

  /** What a lineage is, and whose. */
  public static String lineage(String instanceId, String lineage) {
    return lineageFolder(instanceId, lineage) + "lineage.json";
  }

  /** How far the write-ahead log of a lineage is complete. */
  public static String progress(String instanceId, String lineage) {
    return lineageFolder(instanceId, lineage) + "progress.json";
  }

  /** Folder of the write-ahead log, with the slash. */
  public static String walFolder(String instanceId, String lineage) {
    return lineageFolder(instanceId, lineage) + "wal/";
  }

  /**
   * A file of the write-ahead log.
   *
   * @param file name of a segment, or of a history file such as {@code 00000002.history}
   */
  public static String wal(String instanceId, String lineage, String file) {
    return walFolder(instanceId, lineage) + file + GZIP;
  }

  /** The beginning of a segment that is not complete. */
  public static String partialWal(String instanceId, String lineage, String segment) {
    return walFolder(instanceId, lineage) + partial(segment) + GZIP;
  }

  /**
   * Name of the file with the beginning of a segment.
   *
   * @param segment its name
   */
  public static String partial(String segment) {
    return segment + PARTIAL;
  }

  /**
   * Name of the file with what follows in a segment that is not complete. It continues the
   * beginning, or another part, that ends at its offset. The part with the offset 0 is the
   * beginning.
   */
  public static String part(WalPart part) {
    String beginning = partial(part.segment().name());
    return part.offset() == 0 ? beginning : "%s-%08X".formatted(beginning, part.offset());
  }

  /** The part with the name of a file; empty when the text is no such name. */
  public static Optional<WalPart> part(String file, long segmentSize) {
    Matcher part = PART.matcher(file);
    return part.matches()
        ? WalSegment.named(part.group(1), segmentSize)
            .map(segment -> new WalPart(segment, Long.parseLong(part.group(2), HEX)))
        : Optional.empty();
  }

  /** Folder of all backups, with the slash. */
  public static String backups(String instanceId, String lineage) {
    return lineageFolder(instanceId, lineage) + "backups/";
  }

  /** Folder of a backup, with the slash. */
  public static String backupFolder(String instanceId, String lineage, String backup) {
    return backups(instanceId, lineage) + backup + "/";
  }

  /** The record of a backup. The backup exists only if this object exists. */
  public static String backupRecord(String instanceId, String lineage, String backup) {
    return backupFolder(instanceId, lineage, backup) + "backup.json";
  }

  /** The record of a successful verification of a backup; each one has an object of its own. */
  public static String verification(
      String instanceId, String lineage, String backup, Instant verifiedAt) {
    return backupFolder(instanceId, lineage, backup)
        + VERIFIED
        + VERIFIED_AT.format(verifiedAt)
        + ".json";
  }

  /** When a backup was verified; empty if the key is not that of a verification. */
  public static Optional<Instant> verifiedAt(String key) {
    Matcher verification = VERIFICATION.matcher(key);
    try {
      return verification.find()
          ? Optional.of(VERIFIED_AT.parse(verification.group(1), Instant::from))
          : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** The files of a backup, as pg_basebackup writes them, compressed. */
  public static String base(String instanceId, String lineage, String backup) {
    return backupFolder(instanceId, lineage, backup) + "base.tar" + GZIP;
  }

  /** PostgreSQL's list of these files, with their checksums, compressed. */
  public static String manifest(String instanceId, String lineage, String backup) {
    return backupFolder(instanceId, lineage, backup) + "backup_manifest" + GZIP;
  }
}
