package dev.postgresinstance.api.v1alpha1;

import java.util.Arrays;
import java.util.Optional;

/**
 * Why a condition has its status: a closed list, for programs to compare with. Cause, symptom and
 * remedy of each reason are in {@code src/test/resources/reasons.yaml}, from which docs/api.md is
 * generated.
 */
public enum Reason {
  RUNNING("Running", Severity.NORMAL),
  SUSPENDED("Suspended", Severity.NORMAL),
  PAUSED("Paused", Severity.NORMAL),
  CREATING("Creating", Severity.PROGRESSING),
  STARTING("Starting", Severity.PROGRESSING),
  RECOVERING("Recovering", Severity.PROGRESSING),
  UNSCHEDULABLE("Unschedulable", Severity.WARNING),
  QUOTA_EXCEEDED("QuotaExceeded", Severity.WARNING),
  POD_REFUSED("PodRefused", Severity.WARNING),
  POD_TERMINATING("PodTerminating", Severity.WARNING),
  NODE_LOST("NodeLost", Severity.WARNING),
  IMAGE_UNAVAILABLE("ImageUnavailable", Severity.WARNING),
  IMAGE_DOES_NOT_FIT("ImageDoesNotFit", Severity.ACTION_REQUIRED),
  IMAGE_REFUSED("ImageRefused", Severity.ACTION_REQUIRED),
  CONFIGURING("Configuring", Severity.PROGRESSING),
  PARAMETER_REFUSED("ParameterRefused", Severity.ACTION_REQUIRED),
  RESTART_REQUIRED("RestartRequired", Severity.NORMAL),
  COMMITS_BLOCKED("CommitsBlocked", Severity.WARNING),
  UNSAFE_PARAMETERS("UnsafeParameters", Severity.WARNING),
  COLLATION_VERSION_MISMATCH("CollationVersionMismatch", Severity.WARNING),
  CRASHING("Crashing", Severity.WARNING),
  OUT_OF_MEMORY("OutOfMemory", Severity.WARNING),
  PROCESS_CRASHED("ProcessCrashed", Severity.WARNING),
  INITIALIZATION_FAILED("InitializationFailed", Severity.ACTION_REQUIRED),
  DATA_MISSING("DataMissing", Severity.ACTION_REQUIRED),
  DATA_CORRUPT("DataCorrupt", Severity.ACTION_REQUIRED),
  SPEC_DOES_NOT_MATCH_DATA("SpecDoesNotMatchData", Severity.ACTION_REQUIRED),
  VOLUME_OF_ANOTHER_INSTANCE("VolumeOfAnotherInstance", Severity.ACTION_REQUIRED),
  VOLUME_ACCESS_DENIED("VolumeAccessDenied", Severity.ACTION_REQUIRED),
  VOLUME_LOCKED("VolumeLocked", Severity.WARNING),
  CLAIM_PENDING("ClaimPending", Severity.WARNING),
  VOLUME_UNAVAILABLE("VolumeUnavailable", Severity.WARNING),
  CLAIM_TERMINATING("ClaimTerminating", Severity.ACTION_REQUIRED),
  VOLUME_READY("VolumeReady", Severity.NORMAL),
  RESIZING("Resizing", Severity.PROGRESSING),
  RESIZE_REFUSED("ResizeRefused", Severity.WARNING),
  NEARLY_FULL("NearlyFull", Severity.WARNING),
  DISK_FULL("DiskFull", Severity.WARNING),
  LOGIN_REFUSED("LoginRefused", Severity.WARNING),
  DATABASE_MISSING("DatabaseMissing", Severity.WARNING),
  TOO_MANY_CONNECTIONS("TooManyConnections", Severity.WARNING),
  OPERATOR_CANNOT_CONNECT("OperatorCannotConnect", Severity.WARNING),
  OPERATOR_LOCKED_OUT("OperatorLockedOut", Severity.ACTION_REQUIRED),
  SUPERUSER_REFUSED("SuperuserRefused", Severity.WARNING),
  SUPERUSERS_FOUND("SuperusersFound", Severity.WARNING),
  DATA_RECORDED("DataRecorded", Severity.NORMAL),
  PROVEN("Proven", Severity.NORMAL),
  PASSWORD_SECRET_INVALID("PasswordSecretInvalid", Severity.WARNING),
  CERTIFICATE_SERVED("CertificateServed", Severity.NORMAL),
  CERTIFICATE_NOT_SERVED("CertificateNotServed", Severity.WARNING),
  TLS_SECRET_INVALID("TlsSecretInvalid", Severity.WARNING),
  RESTORING("Restoring", Severity.PROGRESSING),
  REPLAYING("Replaying", Severity.PROGRESSING),
  RESTORE_FAILED("RestoreFailed", Severity.WARNING),
  RESTORE_REFUSED("RestoreRefused", Severity.WARNING),
  RESTORE_COMPLETED("RestoreCompleted", Severity.NORMAL),
  ARCHIVING("Archiving", Severity.NORMAL),
  ARCHIVE_STARTING("ArchiveStarting", Severity.PROGRESSING),
  ARCHIVE_STOPPED("ArchiveStopped", Severity.WARNING),
  STORE_UNAVAILABLE("StoreUnavailable", Severity.WARNING),
  WAL_SPACE_LOW("WalSpaceLow", Severity.WARNING),
  BACKUP_COMPLETED("BackupCompleted", Severity.NORMAL),
  BACKUP_PENDING("BackupPending", Severity.PROGRESSING),
  BACKUP_RUNNING("BackupRunning", Severity.PROGRESSING),
  BACKUP_FAILED("BackupFailed", Severity.WARNING),
  VERIFICATION_FAILED("VerificationFailed", Severity.WARNING),
  CONFLICT("Conflict", Severity.ACTION_REQUIRED),
  OBJECT_IMMUTABLE("ObjectImmutable", Severity.ACTION_REQUIRED),
  NODE_PORT_UNAVAILABLE("NodePortUnavailable", Severity.WARNING),
  LOAD_BALANCER_PENDING("LoadBalancerPending", Severity.PROGRESSING),
  GRANTED("Granted", Severity.NORMAL),
  MISSING_RIGHT("MissingRight", Severity.WARNING),
  SPEC_NOT_UNDERSTOOD("SpecNotUnderstood", Severity.ACTION_REQUIRED),
  INTERNAL_ERROR("InternalError", Severity.WARNING),
  API_ERROR("ApiError", Severity.WARNING);

  private final String word;
  private final Severity severity;

  Reason(String word, Severity severity) {
    this.word = word;
    this.severity = severity;
  }

  /** The CamelCase value of {@code status.conditions[].reason}. */
  public String word() {
    return word;
  }

  /** How urgent it is. */
  public Severity severity() {
    return severity;
  }

  /** Whether waiting does not help: a person has to change something. */
  public boolean needsPerson() {
    return severity == Severity.ACTION_REQUIRED;
  }

  /** Whether something is wrong, as opposed to well or in progress. */
  public boolean isProblem() {
    return severity == Severity.WARNING || severity == Severity.ACTION_REQUIRED;
  }

  /** The reason with this word; empty if there is none. */
  public static Optional<Reason> of(String word) {
    return Arrays.stream(values()).filter(reason -> reason.word.equals(word)).findFirst();
  }
}
