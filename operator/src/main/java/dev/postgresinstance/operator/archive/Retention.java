package dev.postgresinstance.operator.archive;

import dev.postgresinstance.operator.archive.ArchivedLineage.UnfinishedBackup;
import dev.postgresinstance.operator.archive.ArchivedLineage.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What an archive has to keep.
 *
 * @param window every moment of this time before now stays possible as the target of a restore, if
 *     it was before
 * @param minimum how many of the newest backups stay, whatever their age; at least one does
 */
public record Retention(Duration window, int minimum) {

  /** A backup whose objects have not changed for that long has failed. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private static final Comparator<BackupRecord> BY_END =
      Comparator.comparing(BackupRecord::stoppedAt);

  /**
   * Decides what may be deleted.
   *
   * @param currentLineage name of the lineage to which the instance writes. Older ones without a
   *     backup to keep are deleted as a whole
   */
  public RetentionPlan plan(Catalogue catalogue, String currentLineage, Instant now) {
    return plan(
        kept(catalogue, now),
        lastVerified(catalogue),
        catalogue,
        currentLineage,
        backup -> backup.lastWritten().isBefore(now.minus(ABANDONED)));
  }

  /**
   * Decides what goes with backups that nobody wants any more, whatever the retention. All others
   * stay, and so does what they need; and one of the newest backups, without which nothing that is
   * committed now could be recovered.
   *
   * @param unwanted names of backups, complete or not
   */
  public static RetentionPlan without(Set<String> unwanted, Catalogue catalogue) {
    Set<BackupRecord> kept = new HashSet<>();
    catalogue.lineages().stream()
        .flatMap(lineage -> lineage.backups().stream())
        .filter(backup -> !unwanted.contains(backup.name()))
        .forEach(kept::add);
    catalogue.lineages().reversed().stream()
        .map(ArchivedLineage::backups)
        .filter(backups -> !backups.isEmpty())
        .findFirst()
        .filter(backups -> backups.stream().noneMatch(kept::contains))
        .ifPresent(backups -> kept.add(backups.getLast()));
    catalogue.lineages().forEach(lineage -> addParents(kept, lineage.backups()));
    String newest = catalogue.lineages().isEmpty() ? "" : catalogue.lineages().getLast().name();
    return plan(kept, Set.of(), catalogue, newest, backup -> unwanted.contains(backup.name()));
  }

  /**
   * The plan.
   *
   * @param kept backups that stay with the log from their starts on
   * @param proven backups that stay with the log up to their own ends
   */
  private static RetentionPlan plan(
      Set<BackupRecord> kept,
      Set<BackupRecord> proven,
      Catalogue catalogue,
      String currentLineage,
      Predicate<UnfinishedBackup> isAbandoned) {
    List<BackupRecord> deleted =
        catalogue.lineages().stream()
            .flatMap(lineage -> lineage.backups().stream())
            .filter(backup -> !kept.contains(backup) && !proven.contains(backup))
            .sorted(BY_END)
            .toList();
    Optional<Instant> currentStart =
        catalogue.lineages().stream()
            .filter(lineage -> lineage.name().equals(currentLineage))
            .map(lineage -> lineage.lineage().startedAt())
            .findFirst();
    Steps steps = new Steps(catalogue.instanceId());
    for (ArchivedLineage lineage : catalogue.lineages()) {
      List<BackupRecord> keptHere = lineage.backups().stream().filter(kept::contains).toList();
      List<BackupRecord> provenHere = lineage.backups().stream().filter(proven::contains).toList();
      lineage.backups().stream().filter(deleted::contains).forEach(steps::backup);
      lineage.verifications().stream()
          .filter(verification -> deleted.contains(verification.backup()))
          .forEach(verification -> steps.backupFiles.add(verification.key()));
      List<UnfinishedBackup> abandoned = lineage.unfinished().stream().filter(isAbandoned).toList();
      abandoned.forEach(backup -> steps.backupFiles.addAll(backup.keys()));
      boolean superseded =
          currentStart.filter(start -> lineage.lineage().startedAt().isBefore(start)).isPresent();
      boolean isUnused =
          superseded && keptHere.isEmpty() && abandoned.size() == lineage.unfinished().size();
      if (isUnused && provenHere.isEmpty()) {
        steps.wholeLineage(lineage);
      } else {
        steps.wal(lineage, new NeededWal(lineage.lineage(), keptHere, provenHere, isUnused));
      }
    }
    return new RetentionPlan(deleted, steps.inOrder());
  }

  private Set<BackupRecord> kept(Catalogue catalogue, Instant now) {
    Instant start = now.minus(window);
    Set<BackupRecord> kept = new HashSet<>();
    for (ArchivedLineage lineage : catalogue.lineages()) {
      lineage.backups().stream().filter(b -> b.stoppedAt().isAfter(start)).forEach(kept::add);
      if (!lineage.endTime().isBefore(start)) {
        // The moments from the start of the window to the next backup need this one.
        lineage.backups().stream()
            .filter(backup -> !backup.stoppedAt().isAfter(start))
            .max(BY_END)
            .ifPresent(kept::add);
      }
    }
    catalogue.lineages().stream()
        .flatMap(lineage -> lineage.backups().stream())
        .sorted(BY_END.reversed())
        .limit(Math.max(1, minimum))
        .forEach(kept::add);
    catalogue.lineages().forEach(lineage -> addParents(kept, lineage.backups()));
    return kept;
  }

  /**
   * The backup that was verified last, with those that it needs: whatever happens to later ones,
   * this one can be restored.
   */
  private static Set<BackupRecord> lastVerified(Catalogue catalogue) {
    Set<BackupRecord> proven = new HashSet<>();
    catalogue.lineages().stream()
        .flatMap(lineage -> lineage.verifications().stream())
        .max(Comparator.comparing(Verification::time))
        .map(Verification::backup)
        .ifPresent(proven::add);
    catalogue.lineages().forEach(lineage -> addParents(proven, lineage.backups()));
    return proven;
  }

  /** Parents are older than their children. */
  private static void addParents(Set<BackupRecord> kept, List<BackupRecord> backups) {
    for (BackupRecord child : backups.reversed()) {
      if (kept.contains(child) && child.parent() != null) {
        backups.stream().filter(backup -> backup.name().equals(child.parent())).forEach(kept::add);
      }
    }
  }

  /** The keys to delete, in an order in which each interruption is harmless. */
  private static final class Steps {

    private final String instanceId;
    private final List<String> backupRecords = new ArrayList<>();
    private final List<String> backupFiles = new ArrayList<>();
    private final List<String> wal = new ArrayList<>();
    private final List<String> progress = new ArrayList<>();
    private final List<String> lineages = new ArrayList<>();

    Steps(String instanceId) {
      this.instanceId = instanceId;
    }

    void backup(BackupRecord backup) {
      String lineage = backup.lineage();
      backupRecords.add(ArchiveLayout.backupRecord(instanceId, lineage, backup.name()));
      backupFiles.add(ArchiveLayout.base(instanceId, lineage, backup.name()));
      backupFiles.add(ArchiveLayout.manifest(instanceId, lineage, backup.name()));
    }

    void wholeLineage(ArchivedLineage lineage) {
      lineage.wal().complete().forEach(segment -> complete(lineage, segment));
      lineage.wal().partial().forEach(segment -> partial(lineage, segment));
      lineage.wal().parts().forEach(part -> part(lineage, part));
      lineage
          .histories()
          .forEach(file -> wal.add(ArchiveLayout.wal(instanceId, lineage.name(), file)));
      progress.add(ArchiveLayout.progress(instanceId, lineage.name()));
      lineages.add(ArchiveLayout.lineage(instanceId, lineage.name()));
    }

    void wal(ArchivedLineage lineage, NeededWal needed) {
      lineage.wal().complete().stream()
          .filter(segment -> !needed.contains(segment))
          .forEach(segment -> complete(lineage, segment));
      Predicate<WalSegment> outdated =
          segment -> !needed.contains(segment) || lineage.wal().complete().contains(segment);
      lineage.wal().partial().stream()
          .filter(outdated)
          .forEach(segment -> partial(lineage, segment));
      lineage.wal().parts().stream()
          .filter(part -> outdated.test(part.segment()))
          .forEach(part -> part(lineage, part));
    }

    private void complete(ArchivedLineage lineage, WalSegment segment) {
      wal.add(ArchiveLayout.wal(instanceId, lineage.name(), segment.name()));
    }

    private void partial(ArchivedLineage lineage, WalSegment segment) {
      wal.add(ArchiveLayout.partialWal(instanceId, lineage.name(), segment.name()));
    }

    private void part(ArchivedLineage lineage, WalPart part) {
      wal.add(ArchiveLayout.wal(instanceId, lineage.name(), ArchiveLayout.part(part)));
    }

    List<List<String>> inOrder() {
      return Stream.of(backupRecords, backupFiles, wal, progress, lineages)
          .filter(keys -> !keys.isEmpty())
          .map(List::copyOf)
          .toList();
    }
  }
}
