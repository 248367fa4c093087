package dev.postgresinstance.api.v1alpha1;

/**
 * The actions of the operator on an instance, as the reason of a Kubernetes Event. Changes of the
 * instance's state are events with a {@link Reason}.
 */
public enum EventReason {
  CREATED("Created", "The operator created objects of the instance; the message lists them."),
  ADOPTED(
      "Adopted",
      "The operator took over an object of another instance, as an annotation requested."),
  RESTARTING(
      "Restarting",
      "The operator deletes the pod so that a new one replaces it; the message says why."),
  REPLACED(
      "Replaced",
      "Somebody recreated the StatefulSet with different immutable fields. The"
          + " operator deleted it without its pod, and a new StatefulSet adopts the pod."),
  PASSWORD_PUBLISHED(
      "PasswordPublished",
      "Secret NAME-app has a new password: the operator rotated it, or the"
          + " user-provided password changed."),
  VOLUME_GROWN("VolumeGrown", "The volume has grown."),
  RESTORED(
      "Restored",
      "The data was restored from spec.source, and the server starts; the message says up to which"
          + " position and time."),
  BACKUP_REQUESTED(
      "BackupRequested",
      "The operator created a PostgresBackup: the schedule asked for it, or the archive had no base"
          + " backup."),
  VERIFIED(
      "Verified",
      "The newest backup was restored into a pod that nobody reaches, and all checks of the restored"
          + " databases succeeded."),
  BACKUP_DELETION_STARTED(
      "BackupDeletionStarted",
      "The operator deletes backups from the store because their PostgresBackups, which had the"
          + " deletionPolicy Delete, are gone.");

  private final String word;
  private final String meaning;

  EventReason(String word, String meaning) {
    this.word = word;
    this.meaning = meaning;
  }

  /** The CamelCase value of the Event's {@code reason}. */
  public String word() {
    return word;
  }

  /** The meaning, in sentences for the documentation. */
  public String meaning() {
    return meaning;
  }
}
