package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.BackupRecord;
import dev.postgresinstance.operator.archive.Catalogue;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.RestorePlan.Possible;
import dev.postgresinstance.operator.archive.RestorePlan.Reason;
import dev.postgresinstance.operator.archive.RestorePlan.Refused;
import dev.postgresinstance.operator.archive.RestorePlanner;
import dev.postgresinstance.operator.archive.RestoreTarget;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.restore.wal.WalSource;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A recovery that is possible. Only for a time does PostgreSQL look for its target; otherwise the
 * log that it gets ends at the target.
 *
 * @param lineage whose log is used
 * @param backups that are combined to what it begins with, each but the first based on the one
 *     before
 * @param targetTime where it stops, if any transaction was committed later
 * @param log up to the end of the recovery
 * @param expectedLsn where it must end, unless it has stopped at its target
 */
record Recovery(
    LineageRecord lineage,
    List<BackupRecord> backups,
    Optional<Instant> targetTime,
    WalSource log,
    Lsn expectedLsn) {

  private static final Set<String> KINDS = Set.of(BackupRecord.FULL, BackupRecord.INCREMENTAL);

  /**
   * Plans a recovery.
   *
   * @param space bytes that the volume has for it
   * @throws ProgramFailure when the archive does not contain everything that is needed
   */
  static Recovery plan(ObjectStore store, FetchRequest request, long space)
      throws ProgramFailure, IOException {
    return of(store, request, possible(store, request, space));
  }

  /**
   * What the catalogue of the archive promises. The list of a volume is not that of one moment: a
   * segment that was completed meanwhile may be missing in it, but not in the next one.
   */
  private static Possible possible(ObjectStore store, FetchRequest request, long space)
      throws ProgramFailure, StoreException {
    for (boolean isFirst = true; true; isFirst = false) {
      Catalogue catalogue = Catalogue.read(store, request.instanceId());
      try {
        Possible possible = possible(catalogue, request.target(), request.backup());
        return fitting(catalogue, request, possible, space);
      } catch (ProgramFailure e) {
        if (!isFirst || !e.reason().equals(Reason.WAL_MISSING.word())) {
          throw e;
        }
      }
    }
  }

  private static Possible possible(
      Catalogue catalogue, RestoreTarget target, Optional<String> backup) throws ProgramFailure {
    return switch (RestorePlanner.plan(catalogue, target, backup)) {
      case Refused refused -> throw new ProgramFailure(refused.reason().word(), refused.message());
      case Possible possible -> possible;
    };
  }

  /**
   * While backups are combined, the volume has to hold them and the result. Where they do not fit,
   * the write-ahead log since the full backup leads to the same state, only in more time.
   */
  private static Possible fitting(
      Catalogue catalogue, FetchRequest request, Possible possible, long space)
      throws ProgramFailure {
    List<BackupRecord> chain = possible.chain();
    long parts = chain.stream().mapToLong(BackupRecord::size).sum();
    if (chain.size() == 1 || 2 * parts <= space) {
      return possible;
    }
    ProgramLog.say(
        "Recovering from the full backup %s, because combining %d backups of %d bytes needs twice this space.",
        chain.getFirst().name(), chain.size(), parts);
    RestoreTarget target =
        request.target() instanceof RestoreTarget.EndOfBackup
            ? new RestoreTarget.Position(possible.backup().stopLsn())
            : request.target();
    return possible(catalogue, target, Optional.of(chain.getFirst().name()));
  }

  private static Recovery of(ObjectStore store, FetchRequest request, Possible possible)
      throws ProgramFailure, IOException {
    LineageRecord lineage = possible.lineage();
    for (BackupRecord part : possible.chain()) {
      checkBackup(request.major(), part);
    }
    Lsn end =
        request.target() instanceof RestoreTarget.Time ? possible.endLsn() : possible.expectedLsn();
    WalSource log =
        new WalSource(
            store,
            request.instanceId(),
            lineage.lineage(),
            lineage.timeline(),
            lineage.walSegmentSize(),
            end);
    log.checkHistory();
    try {
      Lsn expected = log.lastRecordEnd(possible.backup().stopLsn());
      return of(possible, log.upTo(expected), expected);
    } catch (ProgramFailure e) {
      // A target before a damaged part is still possible, which only PostgreSQL can find out.
      if (possible.targetTime().isEmpty()) {
        throw e;
      }
      ProgramLog.say("%s Trying to reach the target nevertheless.", e.getMessage());
      return of(possible, log.asFarAsPossible(), end);
    }
  }

  private static Recovery of(Possible possible, WalSource log, Lsn expected) {
    return new Recovery(possible.lineage(), possible.chain(), possible.targetTime(), log, expected);
  }

  /** What the catalogue of the archive promises. */
  static Possible possible(ObjectStore store, FetchRequest request)
      throws ProgramFailure, StoreException {
    return possible(store, request, Long.MAX_VALUE);
  }

  private static void checkBackup(String major, BackupRecord backup) throws ProgramFailure {
    if (!KINDS.contains(backup.kind())) {
      throw new ProgramFailure(
          "BackupUnsupported",
          "The backup %s is %s, which this version of the operator cannot restore."
              .formatted(backup.name(), backup.kind()));
    }
    String version = backup.postgresVersion();
    if (!version.equals(major) && !version.startsWith(major + ".")) {
      throw new ProgramFailure(
          "SpecDoesNotMatchData",
          "The backup %s is one of PostgreSQL %s, but spec.version is %s."
              .formatted(backup.name(), version, major));
    }
  }

  /** The backup whose end recovery has to pass. */
  BackupRecord backup() {
    return backups.getLast();
  }

  /** The lines that {@code restore.sh} reads. */
  String lines() {
    StringBuilder lines = new StringBuilder();
    targetTime.ifPresent(time -> line(lines, "target_time", time));
    line(lines, "expect_lsn", expectedLsn);
    line(lines, "stop_lsn", backup().stopLsn());
    line(lines, "stop_time", backup().stoppedAt());
    line(lines, "timeline", lineage.timeline());
    line(lines, "lineage", lineage.lineage());
    line(lines, "system_identifier", lineage.systemIdentifier());
    return lines.toString();
  }

  private static void line(StringBuilder lines, String key, Object value) {
    lines.append(key).append('=').append(value).append('\n');
  }
}
