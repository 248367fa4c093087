package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.Lsn;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * A replication slot that makes the server keep the write-ahead log until it is in the store. Its
 * name contains the start time of the lineage.
 *
 * @param name {@code pgi_backup_20261128t030000z}
 * @param intact false when the server has removed write-ahead log that the slot needed
 * @param restartLsn the first position that the server keeps; empty when it keeps none
 */
public record GuardSlot(String name, boolean intact, Optional<Lsn> restartLsn) {

  /** A regular expression for the names of these slots, for Java and for PostgreSQL. */
  public static final String NAMES = "pgi_backup_[0-9]{8}t[0-9]{6}z";

  private static final String PREFIX = "pgi_backup_";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd't'HHmmss'z'", Locale.ROOT);

  /** The name of the slot of a lineage. */
  public static String nameFor(Instant startedAt) {
    return PREFIX + TIME.format(startedAt.atOffset(ZoneOffset.UTC));
  }

  /** Whether the write-ahead log from {@link #restartLsn} on is still on the server. */
  public boolean isUsable() {
    return intact && restartLsn.isPresent();
  }

  /** The start time of the lineage. */
  public Instant startedAt() {
    return LocalDateTime.parse(name.substring(PREFIX.length()), TIME).toInstant(ZoneOffset.UTC);
  }

  /** The name of the lineage that this slot guards, if it belongs to this history of the server. */
  public String lineage(String systemIdentifier, int timeline) {
    return "%s-%08X-%s".formatted(systemIdentifier, timeline, name.substring(PREFIX.length()));
  }
}
