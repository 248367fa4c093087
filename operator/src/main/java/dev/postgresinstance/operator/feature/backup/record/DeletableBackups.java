package dev.postgresinstance.operator.feature.backup.record;

import static java.util.stream.Collectors.toMap;

import dev.postgresinstance.api.v1alpha1.ArchiveLocation;
import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.DeletableBackup;
import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.S3Store;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.backup.pod.JobRun;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The backups that are deleted from the store when their PostgresBackups are. The status of the
 * instance records them, because a PostgresBackup that is gone tells nothing any more; without a
 * finalizer, nobody else remembers it.
 *
 * @param recorded what the next status records, in the order of the folders
 * @param orphaned the folders of those whose PostgresBackup is gone
 */
public record DeletableBackups(List<DeletableBackup> recorded, List<String> orphaned) {

  private static final String SEPARATOR = ",";

  /** The backups of an instance with {@code spec.backup}. */
  public static DeletableBackups of(Snapshot snapshot) {
    Set<String> handled = handled(snapshot);
    Map<String, PostgresBackup> present =
        snapshot.surroundings().backups().stream()
            .collect(
                toMap(
                    backup -> backup.getMetadata().getUid(),
                    backup -> backup,
                    (one, other) -> one));
    List<DeletableBackup> before = recordedBefore(snapshot);
    List<DeletableBackup> orphaned =
        before.stream()
            .filter(entry -> !present.containsKey(entry.uid()))
            .filter(entry -> !handled.contains(entry.archiveName()))
            .toList();
    // A status that cannot be read, or was removed, says nothing about the backup.
    Stream<DeletableBackup> unreadable =
        before.stream()
            .filter(entry -> present.containsKey(entry.uid()))
            .filter(entry -> new Backup(present.get(entry.uid())).archiveName().isEmpty());
    Stream<DeletableBackup> deletable =
        Backup.of(snapshot).stream()
            .filter(backup -> isDeletable(snapshot, backup))
            .flatMap(backup -> entry(backup).stream());
    return new DeletableBackups(
        Stream.of(orphaned.stream(), unreadable, deletable)
            .flatMap(entries -> entries)
            .sorted(Comparator.comparing(DeletableBackup::archiveName))
            .limit(BackupStatus.MAX_DELETE_WITH_RESOURCE)
            .toList(),
        orphaned.stream().map(DeletableBackup::archiveName).sorted().toList());
  }

  private static Set<String> handled(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.BACKUP_DELETION_JOB)
        .filter(job -> Ownership.isOwner(snapshot.instance(), job))
        .filter(job -> new JobRun(job, List.of(), SchedulingEvidence.NONE).isComplete())
        .map(DeletableBackups::handled)
        .orElse(Set.of());
  }

  /** What the last status records. */
  public static List<DeletableBackup> recordedBefore(Snapshot snapshot) {
    return snapshot
        .previousStatus()
        .get(PostgresInstanceStatus::backup)
        .map(BackupStatus::deleteWithResource)
        .orElse(List.of());
  }

  private static Optional<DeletableBackup> entry(Backup backup) {
    ObjectMeta metadata = backup.resource().getMetadata();
    return backup
        .archiveName()
        .map(folder -> new DeletableBackup(metadata.getName(), metadata.getUid(), folder));
  }

  private static boolean isDeletable(Snapshot snapshot, Backup backup) {
    ArchiveStore store = BackupClaim.archive(snapshot.instance());
    return backup.isComplete()
        && backup.resource().getSpec() != null
        && backup.resource().getSpec().deletionPolicy() == DeletionPolicy.DELETE
        && backup.archive().map(ArchiveLocation::store).filter(at -> isSame(at, store)).isPresent();
  }

  /** Whether the present spec leads to the place: a former store cannot be reached any more. */
  private static boolean isSame(ArchiveStore one, ArchiveStore other) {
    S3Store first = one.s3();
    S3Store second = other.s3();
    if (first == null || second == null) {
      return one.equals(other);
    }
    return Objects.equals(first.endpoint(), second.endpoint())
        && Objects.equals(first.bucket(), second.bucket())
        && Objects.equals(first.prefix(), second.prefix());
  }

  /** The folders that a Job deletes, as text. */
  public static String text(List<String> folders) {
    return String.join(SEPARATOR, folders);
  }

  /** The folders that a Job deletes, or has deleted. */
  public static Set<String> handled(Job job) {
    return Annotations.get(job, Labels.DELETED_BACKUPS)
        .map(text -> Set.of(text.split(SEPARATOR)))
        .orElse(Set.of());
  }
}
