package dev.postgresinstance.operator.feature.backup;

import java.time.Instant;
import java.util.Optional;

/**
 * What the server shows of the archive.
 *
 * @param access the access that was requested
 * @param needsRestart whether the server was started without what gives this access
 * @param rejection message of PostgreSQL to a login of the backup role; empty when it succeeded, or
 *     was not tried
 * @param report the last report of the backup pod; empty when it has no session
 * @param keptPercent how much of the write-ahead log that the server keeps for the archive waits,
 *     in percent of the limit, rounded down to tens; 0 without a limit
 */
public record ArchiveFindings(
    ArchiveAccess access,
    boolean needsRestart,
    Optional<String> rejection,
    Optional<ShipperReport> report,
    int keptPercent) {

  /** Whether there is an archive, as far as the spec asks for one. */
  public boolean isOpen() {
    return !(access instanceof ArchiveAccess.Closed);
  }

  /** Up to when everything is in the store; empty while the backup pod does not report it. */
  public Optional<Instant> recoverableUntil() {
    return report.flatMap(ShipperReport::recoverableUntil);
  }

  /** Whether the role has its access, as far as the server shows it. */
  boolean isGranted() {
    return !needsRestart && rejection.isEmpty();
  }
}
