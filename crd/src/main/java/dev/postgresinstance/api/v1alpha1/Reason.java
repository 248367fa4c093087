package dev.postgresinstance.api.v1alpha1;

import java.util.Arrays;
import java.util.Optional;

/** Why a condition is what it is: a closed list, for programs to compare with. */
public enum Reason {
  RUNNING(
      "Running",
      "A login through the Service with the published credentials succeeded.",
      "Ready and Available True",
      "Nothing."),
  SUSPENDED(
      "Suspended",
      "The server is stopped, as spec.suspend asks for.",
      "Ready True once the server has ended, Available False",
      "Set spec.suspend to false to start it again."),
  PAUSED(
      "Paused",
      "The operator keeps its hands off, as spec.paused asks for.",
      "Ready True while logins succeed or the server is suspended; Available says why not",
      "Set spec.paused to false to have the spec put in force again."),
  CREATING(
      "Creating",
      "The objects are being made; there is no pod yet.",
      "Ready and Available False, Reconciling",
      "Wait; if it lasts, see the events of the StatefulSet."),
  STARTING(
      "Starting",
      "The pod is there and the server does not take logins yet.",
      "Ready and Available False, Reconciling",
      "Wait."),
  RECOVERING(
      "Recovering",
      "The server was not shut down properly and replays its write-ahead log before it takes logins.",
      "Ready and Available False, Reconciling; the message says since when",
      "Wait; a restart begins it anew."),
  UNSCHEDULABLE(
      "Unschedulable",
      "No node can take the pod.",
      "Ready and Available False, Reconciling; the scheduler's words",
      "Ask for less in spec.resources, mend spec.pod, or add a node."),
  QUOTA_EXCEEDED(
      "QuotaExceeded",
      "A quota of the namespace does not allow what is needed.",
      "Ready and Available False, Reconciling; the quota and what was asked for",
      "Raise the quota or remove what is not needed."),
  POD_REFUSED(
      "PodRefused",
      "The cluster refuses the pod: a LimitRange, Pod Security or another admission control.",
      "Ready and Available False, Reconciling; the words of the refusal",
      "Change spec.resources or spec.pod, or the policy of the namespace."),
  POD_TERMINATING(
      "PodTerminating",
      "The pod is being deleted and does not go.",
      "Ready and Available False, Reconciling; what holds it",
      "Remove the finalizer that is named, or see to the node."),
  NODE_LOST(
      "NodeLost",
      "The node of the pod is not ready, or gone.",
      "Ready and Available False, Reconciling; which node and since when",
      "Bring the node back; if it is off for certain, set the taint that the message gives."),
  IMAGE_UNAVAILABLE(
      "ImageUnavailable",
      "The image cannot be pulled.",
      "Ready and Available False, Reconciling; the image and the node's words",
      "Mend spec.image, the registry or spec.pod.imagePullSecrets."),
  IMAGE_DOES_NOT_FIT(
      "ImageDoesNotFit",
      "The programs in the image are not those of spec.version.",
      "Ready and Available False, Stalled",
      "Set spec.image to one of that version."),
  IMAGE_REFUSED(
      "ImageRefused",
      "The image cannot be pulled in 60 seconds, or no server starts with it. The server stays on the last one that worked.",
      "Ready False, Stalled; Available as the server is",
      "Set spec.image to one that works."),
  CONFIGURING(
      "Configuring",
      "The server takes logins; the spec is being put in force.",
      "Ready False, Reconciling; Available True but for a restart",
      "Wait."),
  PARAMETER_REFUSED(
      "ParameterRefused",
      "PostgreSQL refuses a parameter. The server stays on the last configuration that worked.",
      "Ready False, Stalled; Available True; PostgreSQL's words",
      "Mend spec.parameters."),
  RESTART_REQUIRED(
      "RestartRequired",
      "A change waits for the next restart; see restartPolicy.",
      "PendingRestart True; what waits",
      "Restart when it suits you, by annotation postgresinstance.dev/restart."),
  UNSAFE_PARAMETERS(
      "UnsafeParameters",
      "fsync or full_page_writes is off: a crash can destroy the data.",
      "DataAtRisk True",
      "Take the parameter away, unless the data may be lost."),
  COLLATION_VERSION_MISMATCH(
      "CollationVersionMismatch",
      "The image sorts texts otherwise than the one with which databases were made: their indexes have to be made anew.",
      "DataAtRisk True; which databases",
      "REINDEX and ALTER DATABASE … REFRESH COLLATION VERSION, or go back to the image before."),
  CRASHING(
      "Crashing",
      "The server or its start script ends again and again.",
      "Ready and Available False, Reconciling; PostgreSQL's last words",
      "Do what the words ask for; kubectl logs --previous tells more."),
  OUT_OF_MEMORY(
      "OutOfMemory",
      "The server was killed for using more memory than its limit.",
      "Ready and Available False, Reconciling",
      "Raise spec.resources.limits.memory or lower memory parameters."),
  INITIALIZATION_FAILED(
      "InitializationFailed",
      "The data directory could not be made.",
      "Ready and Available False, Stalled; initdb's words",
      "Mend what the words name; initdb settings need another instance."),
  DATA_MISSING(
      "DataMissing",
      "There was data once and the volume is empty now.",
      "Ready and Available False, Stalled",
      "Restore the volume, or accept the empty one by the annotation that the message gives."),
  DATA_CORRUPT(
      "DataCorrupt",
      "The data directory is there but not whole.",
      "Ready and Available False, Stalled",
      "Restore the volume from a backup."),
  SPEC_DOES_NOT_MATCH_DATA(
      "SpecDoesNotMatchData",
      "The data was made with another version, database or username than the spec says.",
      "Ready False, Stalled; a server that runs goes on",
      "Set the spec to what the message says, or make another instance."),
  VOLUME_OF_ANOTHER_INSTANCE(
      "VolumeOfAnotherInstance",
      "The volume holds the data of another instance.",
      "Ready and Available False, Stalled; whose",
      "Give it its own volume, or accept this one by annotation postgresinstance.dev/adopt."),
  VOLUME_LOCKED(
      "VolumeLocked",
      "Another server uses the volume.",
      "Ready and Available False, Reconciling",
      "End the other pod; this one waits for it."),
  CLAIM_PENDING(
      "ClaimPending",
      "The claim has no volume.",
      "Ready and Available False, Reconciling; the provisioner's words",
      "Mend the StorageClass or make a volume; the class of an instance cannot be changed."),
  VOLUME_UNAVAILABLE(
      "VolumeUnavailable",
      "The volume cannot be attached to the pod's node, or not be mounted.",
      "Ready and Available False, Reconciling; the words of driver or node",
      "Do what the words ask for; a volume attached elsewhere comes when the other node lets it go."),
  CLAIM_TERMINATING(
      "ClaimTerminating",
      "The claim is being deleted; it goes when the pod does.",
      "Ready False, Stalled; the server goes on",
      "Set the reclaim policy of the volume to Retain, or take a dump, before the pod ends."),
  VOLUME_READY(
      "VolumeReady",
      "The volume has the size that was asked for, and room left.",
      "StorageReady True",
      "Nothing."),
  RESIZING(
      "Resizing",
      "The volume is growing.",
      "StorageReady False; as the reason of Ready the server is stopped for that",
      "Wait."),
  RESIZE_REFUSED(
      "ResizeRefused",
      "The volume does not grow to the size that was asked for.",
      "StorageReady False; the driver's or the API server's words",
      "Use a class that grows, or make another instance and move the data."),
  NEARLY_FULL(
      "NearlyFull",
      "At least 85 % of the volume are used. The instance works.",
      "StorageReady False, Ready True",
      "Raise spec.storage.size or drop what is not needed."),
  DISK_FULL(
      "DiskFull",
      "The volume is full: rows can be read and dropped, not written.",
      "StorageReady and Ready False",
      "Raise spec.storage.size, or DROP or TRUNCATE what is not needed."),
  LOGIN_REFUSED(
      "LoginRefused",
      "The server refuses the login with the published credentials.",
      "Ready and Available False; CredentialsInSync False if it is the password",
      "A password is mended by the operator; for the rest the message gives the command."),
  DATABASE_MISSING(
      "DatabaseMissing",
      "There is no such database; somebody has dropped it.",
      "Ready and Available False, Reconciling",
      "Restore it, or have an empty one by annotation postgresinstance.dev/recreate-database."),
  TOO_MANY_CONNECTIONS(
      "TooManyConnections",
      "All connections that the role may have are used.",
      "Ready and Available False, Reconciling",
      "End sessions, or raise spec.parameters.max_connections or the role's limit."),
  OPERATOR_CANNOT_CONNECT(
      "OperatorCannotConnect",
      "The server runs but no connection of the operator through the Service succeeds.",
      "Ready and Available False, Reconciling; what the pod says of itself",
      "Let the operator's namespace through NetworkPolicies; see docs/security.md."),
  OPERATOR_LOCKED_OUT(
      "OperatorLockedOut",
      "The server does not let the operator's own role do its work.",
      "Ready False, Stalled; Available True",
      "Restart the server by annotation postgresinstance.dev/restart."),
  SUPERUSER_REFUSED(
      "SuperuserRefused",
      "The superuser does not get in over the network, as spec.superuserAccess asks for.",
      "Ready False, Reconciling; Available True",
      "Undo what the message names."),
  SUPERUSERS_FOUND(
      "SuperusersFound",
      "There are superusers that the operator did not make.",
      "OtherSuperusers True; their names",
      "Take the right away by ALTER ROLE … NOSUPERUSER, unless it is meant."),
  DATA_RECORDED(
      "DataRecorded", "The data was made and is recorded.", "Initialized True", "Nothing."),
  PROVEN(
      "Proven", "The server accepts the published password.", "CredentialsInSync True", "Nothing."),
  PASSWORD_SECRET_INVALID(
      "PasswordSecretInvalid",
      "A Secret holds no password that could be used.",
      "Ready False, Reconciling; which Secret and key; the server goes on",
      "Mend the Secret; it is looked at again by itself."),
  CONFLICT(
      "Conflict",
      "An object of a name that the instance needs belongs to someone else.",
      "Ready False, Stalled; the object, which is not touched",
      "Give the instance another name, or remove the object if nobody needs it."),
  NODE_PORT_UNAVAILABLE(
      "NodePortUnavailable",
      "The node port is taken or outside the cluster's range.",
      "ExternalAccessReady and Ready False, Available True; who has the port",
      "Free the port, or set spec.service.nodePort to another."),
  LOAD_BALANCER_PENDING(
      "LoadBalancerPending",
      "The cluster has given the Service no load balancer yet.",
      "ExternalAccessReady and Ready False, Available True",
      "Wait; where the cluster makes none, set spec.service.type to NodePort."),
  GRANTED(
      "Granted",
      "The node port or the load balancer's address is given.",
      "ExternalAccessReady True",
      "Nothing."),
  MISSING_RIGHT(
      "MissingRight",
      "The operator's role lacks a right that it needs.",
      "Ready False, Reconciling; verb and resource",
      "Install the role as the chart has it."),
  API_ERROR(
      "ApiError",
      "The API server refused something that the operator needs.",
      "Ready False, Reconciling; its words",
      "Do what the words ask for.");

  private final String word;
  private final String cause;
  private final String seen;
  private final String remedy;

  Reason(String word, String cause, String seen, String remedy) {
    this.word = word;
    this.cause = cause;
    this.seen = seen;
    this.remedy = remedy;
  }

  /** The CamelCase word in {@code status.conditions[].reason}. */
  public String word() {
    return word;
  }

  /** What it says of the instance, in a sentence for people. */
  public String cause() {
    return cause;
  }

  /** The conditions that carry it, and what their message tells beside. */
  public String seen() {
    return seen;
  }

  /** What a person can do. */
  public String remedy() {
    return remedy;
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

  /** Whether something is wrong; otherwise all is well, or on its way. */
  public boolean isTrouble() {
    return switch (this) {
      case RUNNING,
          SUSPENDED,
          PAUSED,
          CREATING,
          STARTING,
          RECOVERING,
          CONFIGURING,
          RESTART_REQUIRED,
          VOLUME_READY,
          RESIZING,
          DATA_RECORDED,
          PROVEN,
          LOAD_BALANCER_PENDING,
          GRANTED ->
          false;
      default -> true;
    };
  }

  /** The reason of that word, if it is one. */
  public static Optional<Reason> of(String word) {
    return Arrays.stream(values()).filter(reason -> reason.word.equals(word)).findFirst();
  }
}
