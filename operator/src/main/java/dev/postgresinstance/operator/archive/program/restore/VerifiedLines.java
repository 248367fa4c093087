package dev.postgresinstance.operator.archive.program.restore;

import dev.postgresinstance.operator.archive.ArchiveRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.VerificationRecord;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What {@code restore.sh} says about a verification.
 *
 * @param reachedLsn where the recovery has ended
 * @param reachedTime of the last transaction
 * @param seconds how long restore and checks took
 */
record VerifiedLines(Lsn reachedLsn, Instant reachedTime, long seconds) {

  /**
   * Reads lines such as {@code seconds=7}.
   *
   * @throws ProgramFailure when one is missing or not valid
   */
  static VerifiedLines parse(String text) throws ProgramFailure {
    Map<String, String> values = new HashMap<>();
    text.lines()
        .map(line -> line.split("=", 2))
        .filter(pair -> pair.length == 2)
        .forEach(pair -> values.put(pair[0], pair[1]));
    try {
      return new VerifiedLines(
          Lsn.parse(values.getOrDefault("reached_lsn", "")),
          Instant.parse(values.getOrDefault("reached_time", "")),
          Long.parseLong(values.getOrDefault("seconds", "")));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new ProgramFailure(
          "RestoreFailed", "The result of the verification is not valid: %s.".formatted(values));
    }
  }

  /** The record for the archive. */
  VerificationRecord record(String backup, Instant verifiedAt) {
    return new VerificationRecord(
        ArchiveRecord.FORMAT_VERSION, backup, verifiedAt, reachedLsn, reachedTime, seconds);
  }
}
