package dev.postgresinstance.operator.archive;

import dev.postgresinstance.operator.archive.RestorePlan.Possible;
import dev.postgresinstance.operator.archive.RestorePlan.Reason;
import dev.postgresinstance.operator.archive.RestorePlan.Refused;
import dev.postgresinstance.operator.archive.RestoreTarget.EndOfBackup;
import dev.postgresinstance.operator.archive.RestoreTarget.Latest;
import dev.postgresinstance.operator.archive.RestoreTarget.Position;
import dev.postgresinstance.operator.archive.RestoreTarget.Time;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses a backup for a target, and checks that the archive contains everything from its start to
 * the target. Backups of different lineages have no order of positions but one of times.
 */
public final class RestorePlanner {

  private static final int NAMES_IN_MESSAGE = 5;

  /** A backup and its lineage, with the questions that the choice depends on. */
  private record Candidate(ArchivedLineage lineage, BackupRecord backup) {

    private static final Comparator<Candidate> BY_END =
        Comparator.comparing(candidate -> candidate.backup().stoppedAt());

    /** The backups to combine; empty when one of them is missing. */
    List<BackupRecord> chain() {
      return lineage.chain(backup);
    }

    /** Whether the target is at the end of the backup or after it. */
    boolean isBefore(RestoreTarget target) {
      return switch (target) {
        case Latest latest -> true;
        case EndOfBackup end -> true;
        case Time time -> !time.time().isBefore(backup.stoppedAt());
        case Position position -> position.lsn().isAtLeast(backup.stopLsn());
      };
    }

    /** Whether the lineage extends to the target. */
    boolean covers(RestoreTarget target) {
      return switch (target) {
        case Latest latest -> true;
        case EndOfBackup end -> true;
        case Time time -> !time.time().isAfter(lineage.endTime());
        case Position position -> lineage.endLsn().isAtLeast(position.lsn());
      };
    }
  }

  private final Catalogue catalogue;
  private final RestoreTarget target;

  private RestorePlanner(Catalogue catalogue, RestoreTarget target) {
    this.catalogue = catalogue;
    this.target = target;
  }

  /**
   * Plans a restore.
   *
   * @param backup name of the backup to begin with; empty means the newest one before the target.
   *     For {@link EndOfBackup} it has no meaning
   */
  public static RestorePlan plan(
      Catalogue catalogue, RestoreTarget target, Optional<String> backup) {
    Optional<String> name = target instanceof EndOfBackup end ? Optional.of(end.backup()) : backup;
    return new RestorePlanner(catalogue, target).plan(name);
  }

  private RestorePlan plan(Optional<String> name) {
    List<Candidate> all =
        catalogue.lineages().stream()
            .flatMap(
                lineage -> lineage.backups().stream().map(found -> new Candidate(lineage, found)))
            .sorted(Candidate.BY_END)
            .toList();
    if (all.isEmpty()) {
      return new Refused(
          Reason.NO_BACKUP,
          "The archive of instance %s has no complete backup".formatted(catalogue.instanceId()));
    }
    List<Candidate> candidates =
        all.stream()
            .filter(found -> name.isEmpty() || name.get().equals(found.backup().name()))
            .toList();
    if (candidates.isEmpty()) {
      return new Refused(
          Reason.BACKUP_NOT_FOUND,
          "The archive of instance %s has no backup %s; the newest ones are %s"
              .formatted(catalogue.instanceId(), name.get(), newest(all)));
    }
    List<Candidate> whole =
        candidates.stream().filter(candidate -> !candidate.chain().isEmpty()).toList();
    if (whole.isEmpty()) {
      return new Refused(
          Reason.PARENT_MISSING,
          "Backup %s is incremental, and the archive lacks a backup that it needs, %s"
              .formatted(
                  candidates.getLast().backup().name(), candidates.getLast().backup().parent()));
    }
    Optional<Candidate> chosen = choose(whole);
    return chosen
        .filter(candidate -> name.isEmpty())
        .<RestorePlan>flatMap(this::withoutNewest)
        .orElseGet(() -> chosen.map(this::checked).orElseGet(() -> refusal(whole)));
  }

  /**
   * Why the latest state cannot be restored: that of the lineage before may be the one that a
   * restore in place has taken back, and lacks what was committed since. A lineage that has no log
   * yet counts as well, because its server has run.
   */
  private Optional<RestorePlan> withoutNewest(Candidate chosen) {
    ArchivedLineage newest = catalogue.lineages().getLast();
    return target instanceof Latest && !newest.equals(chosen.lineage())
        ? Optional.of(
            new Refused(
                Reason.TARGET_NOT_COVERED,
                "The newest lineage of the archive, %s, has no complete backup: what was committed since %s cannot be restored. Wait for its first backup. Or restore the end of the lineage before, which lacks these commits, with its time as the target (spec.source.target.time, or TIME@UID in the annotation postgresinstance.dev/restore-to): %s"
                    .formatted(
                        newest.name(), newest.lineage().startedAt(), chosen.lineage().endTime())))
        : Optional.empty();
  }

  private static String newest(List<Candidate> all) {
    return all.reversed().stream()
        .limit(NAMES_IN_MESSAGE)
        .map(candidate -> candidate.backup().name())
        .collect(Collectors.joining(", "));
  }

  private Optional<Candidate> choose(List<Candidate> candidates) {
    Comparator<Candidate> order =
        target instanceof Latest
            ? Comparator.comparing((Candidate c) -> c.lineage().lineage().startedAt())
                .thenComparing(Candidate.BY_END)
            : Candidate.BY_END;
    return candidates.stream()
        .filter(candidate -> candidate.isBefore(target) && candidate.covers(target))
        .max(order);
  }

  private RestorePlan checked(Candidate chosen) {
    ArchivedLineage lineage = chosen.lineage();
    BackupRecord backup = chosen.backup();
    Lsn needed =
        switch (target) {
          // Times of commits are only in the log itself: any segment may contain the target.
          case Latest latest -> lineage.endLsn();
          case Time time -> lineage.endLsn();
          case Position position -> position.lsn();
          case EndOfBackup end -> backup.stopLsn();
        };
    Optional<WalSegment> missing =
        lineage.wal().firstMissing(backup.startLsn(), needed, lineage.lineage());
    if (missing.isPresent()) {
      return gap(chosen, missing.get());
    }
    int timeline = lineage.lineage().timeline();
    long size = lineage.lineage().walSegmentSize();
    return new Possible(
        lineage.lineage(),
        backup,
        chosen.chain(),
        target instanceof Time time ? Optional.of(time.time()) : Optional.empty(),
        target instanceof Time || target instanceof Latest ? Optional.empty() : Optional.of(needed),
        target instanceof Time ? backup.stopLsn() : needed,
        lineage.endLsn(),
        lineage.endTime(),
        WalSegment.containing(backup.startLsn(), timeline, size),
        WalSegment.before(needed, timeline, size));
  }

  private RestorePlan gap(Candidate chosen, WalSegment missing) {
    String message =
        "The write-ahead log is not complete: segment %s of lineage %s is missing"
            .formatted(missing.name(), chosen.lineage().name());
    boolean usable = missing.start().isAtLeast(chosen.backup().stopLsn());
    String possible =
        usable
            ? ". Positions from %s to %s can be restored"
                .formatted(chosen.backup().stopLsn(), missing.start())
            : ". Backup %s cannot be restored".formatted(chosen.backup().name());
    return new Refused(Reason.WAL_MISSING, message + possible);
  }

  /** Why no candidate can be chosen; only targets that are a time or a position have a reason. */
  private Refused refusal(List<Candidate> candidates) {
    Optional<Candidate> covering =
        candidates.stream().filter(candidate -> candidate.covers(target)).findFirst();
    List<Candidate> before =
        candidates.stream().filter(candidate -> candidate.isBefore(target)).toList();
    if (before.isEmpty()) {
      return new Refused(
          Reason.TARGET_TOO_EARLY,
          "The target %s is before the end of the first usable backup, %s: the first possible target is %s"
              .formatted(
                  targetText(), candidates.getFirst().backup().name(), first(candidates.stream())));
    }
    if (covering.isEmpty()) {
      return new Refused(
          Reason.TARGET_TOO_LATE,
          "The target %s is after the end of the archive: the last possible target is %s"
              .formatted(targetText(), last(before)));
    }
    return new Refused(
        Reason.TARGET_NOT_COVERED,
        "The archive has nothing of the target %s: possible are targets up to %s, and from %s on"
            .formatted(
                targetText(),
                last(before),
                first(candidates.stream().filter(candidate -> !candidate.isBefore(target)))));
  }

  private String targetText() {
    return switch (target) {
      case Latest latest -> "latest";
      case Time time -> time.time().toString();
      case Position position -> position.lsn().toString();
      case EndOfBackup end -> end.backup();
    };
  }

  private String first(Stream<Candidate> candidates) {
    return (target instanceof Position
            ? candidates.map(c -> c.backup().stopLsn()).min(Comparator.naturalOrder())
            : candidates.map(c -> c.backup().stoppedAt()).min(Comparator.naturalOrder()))
        .orElseThrow()
        .toString();
  }

  private String last(List<Candidate> candidates) {
    return (target instanceof Position
            ? candidates.stream().map(c -> c.lineage().endLsn()).max(Comparator.naturalOrder())
            : candidates.stream().map(c -> c.lineage().endTime()).max(Comparator.naturalOrder()))
        .orElseThrow()
        .toString();
  }
}
