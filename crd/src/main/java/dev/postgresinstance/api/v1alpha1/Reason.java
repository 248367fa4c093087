package dev.postgresinstance.api.v1alpha1;

import java.util.Arrays;
import java.util.Optional;

/** Why a condition is what it is: a closed list, for programs to compare with. */
public enum Reason {
  RUNNING("Running", "A login through the Service with the published credentials succeeded."),
  SUSPENDED(
      "Suspended",
      "The server is stopped, as spec.suspend asks for. Ready is True once it has ended, and"
          + " Available is False."),
  PAUSED(
      "Paused",
      "The operator keeps its hands off, as spec.paused asks for. Ready says whether logins succeed"
          + " or the server is suspended; Available says why not."),
  CREATING("Creating", "The objects are being made; there is no pod yet."),
  STARTING("Starting", "The pod is there and the server does not take logins yet."),
  UNSCHEDULABLE("Unschedulable", "No node can take the pod."),
  IMAGE_UNAVAILABLE("ImageUnavailable", "The image cannot be pulled."),
  IMAGE_DOES_NOT_FIT("ImageDoesNotFit", "The programs in the image are not those of spec.version."),
  IMAGE_REFUSED(
      "ImageRefused",
      "The image cannot be pulled in 60 seconds, or no server starts with it. The server stays on"
          + " the last one that worked."),
  CONFIGURING("Configuring", "The server takes logins; the spec is being put in force."),
  PARAMETER_REFUSED(
      "ParameterRefused",
      "PostgreSQL refuses a parameter. The server stays on the last configuration that worked."),
  RESTART_REQUIRED("RestartRequired", "A change waits for the next restart; see restartPolicy."),
  UNSAFE_PARAMETERS(
      "UnsafeParameters", "fsync or full_page_writes is off: a crash can destroy the data."),
  COLLATION_VERSION_MISMATCH(
      "CollationVersionMismatch",
      "The image sorts texts otherwise than the one with which databases were made: their indexes"
          + " have to be made anew."),
  CRASHING("Crashing", "The server or its start script ends again and again."),
  INITIALIZATION_FAILED("InitializationFailed", "The data directory could not be made."),
  DATA_MISSING("DataMissing", "There was data once and the volume is empty now."),
  DATA_CORRUPT("DataCorrupt", "The data directory is there but not whole."),
  SPEC_DOES_NOT_MATCH_DATA(
      "SpecDoesNotMatchData",
      "The data was made with another version, database or username than the spec says."),
  VOLUME_OF_ANOTHER_INSTANCE(
      "VolumeOfAnotherInstance", "The volume holds the data of another instance."),
  VOLUME_LOCKED("VolumeLocked", "Another server uses the volume."),
  CLAIM_PENDING("ClaimPending", "The claim has no volume."),
  CLAIM_TERMINATING("ClaimTerminating", "The claim is being deleted; it goes when the pod does."),
  VOLUME_READY(
      "VolumeReady",
      "The volume has the size that was asked for, and room left. The only reason with which"
          + " StorageReady is True."),
  RESIZING(
      "Resizing", "The volume is growing. As the reason of Ready: the server is stopped for that."),
  RESIZE_REFUSED("ResizeRefused", "The volume does not grow to the size that was asked for."),
  NEARLY_FULL("NearlyFull", "At least 85 % of the volume are used. The instance works."),
  DISK_FULL("DiskFull", "The volume is full: rows can be read and dropped, not written."),
  LOGIN_REFUSED("LoginRefused", "The server refuses the login with the published credentials."),
  DATABASE_MISSING("DatabaseMissing", "There is no such database; somebody has dropped it."),
  TOO_MANY_CONNECTIONS("TooManyConnections", "All connections that the role may have are used."),
  OPERATOR_CANNOT_CONNECT(
      "OperatorCannotConnect",
      "The server runs but no connection of the operator through the Service succeeds."),
  OPERATOR_LOCKED_OUT(
      "OperatorLockedOut", "The server does not let the operator's own role do its work."),
  SUPERUSER_REFUSED(
      "SuperuserRefused",
      "The superuser does not get in over the network, as spec.superuserAccess asks for."),
  SUPERUSERS_FOUND("SuperusersFound", "There are superusers that the operator did not make."),
  DATA_RECORDED("DataRecorded", "The data was made and is recorded. Only with Initialized."),
  PROVEN("Proven", "The server accepts the published password. Only with CredentialsInSync."),
  PASSWORD_SECRET_INVALID(
      "PasswordSecretInvalid", "A Secret holds no password that could be used."),
  CONFLICT("Conflict", "An object of a name that the instance needs belongs to someone else."),
  NODE_PORT_UNAVAILABLE(
      "NodePortUnavailable", "The node port is taken or outside the cluster's range."),
  LOAD_BALANCER_PENDING(
      "LoadBalancerPending", "The cluster has given the Service no load balancer yet."),
  GRANTED(
      "Granted",
      "The node port or the load balancer's address is given. Only with ExternalAccessReady."),
  API_ERROR("ApiError", "The API server refused something that the operator needs.");

  private final String word;
  private final String meaning;

  Reason(String word, String meaning) {
    this.word = word;
    this.meaning = meaning;
  }

  /** The CamelCase word in {@code status.conditions[].reason}. */
  public String word() {
    return word;
  }

  /** What the reason says, in a sentence for people. */
  public String meaning() {
    return meaning;
  }

  /** Whether waiting does not help: a person has to change something. */
  public boolean needsPerson() {
    return switch (this) {
      case PARAMETER_REFUSED,
          IMAGE_DOES_NOT_FIT,
          IMAGE_REFUSED,
          OPERATOR_LOCKED_OUT,
          INITIALIZATION_FAILED,
          DATA_MISSING,
          DATA_CORRUPT,
          SPEC_DOES_NOT_MATCH_DATA,
          VOLUME_OF_ANOTHER_INSTANCE,
          CLAIM_TERMINATING,
          CONFLICT ->
          true;
      default -> false;
    };
  }

  /** The reason of that word, if it is one. */
  public static Optional<Reason> of(String word) {
    return Arrays.stream(values()).filter(reason -> reason.word.equals(word)).findFirst();
  }
}
