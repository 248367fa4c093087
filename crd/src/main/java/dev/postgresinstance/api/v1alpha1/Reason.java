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
      "Available has what is wrong, if anything is; set spec.paused to false to have it mended."),
  CREATING(
      "Creating",
      "The objects are being made; there is no pod yet.",
      "Ready and Available False, Reconciling",
      "Wait; if it stays, kubectl describe statefulset shows why."),
  STARTING(
      "Starting",
      "The server does not take logins yet; its pod is there or about to be.",
      "Ready and Available False, Reconciling",
      "Wait some seconds; kubectl logs shows what the server does."),
  RECOVERING(
      "Recovering",
      "The server was not shut down properly and replays its write-ahead log before it takes logins.",
      "Ready and Available False, Reconciling; the message says since when",
      "Wait; a restart begins it anew. kubectl logs shows how far it is."),
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
      "Bring the node back; if it is off for certain, set the taint that the message gives. See [A node is lost](operations.md#a-node-is-lost)."),
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
      "Set spec.image to one that works; see [Images](operations.md#images)."),
  CONFIGURING(
      "Configuring",
      "The server takes logins; the spec is being put in force.",
      "Ready False, Reconciling; Available True but for a restart",
      "Wait."),
  PARAMETER_REFUSED(
      "ParameterRefused",
      "PostgreSQL refuses a parameter. The server stays on the last configuration that worked.",
      "Ready False, Stalled; Available True; PostgreSQL's words",
      "Correct spec.parameters; see [Parameters](operations.md#parameters)."),
  RESTART_REQUIRED(
      "RestartRequired",
      "A change waits for the next restart; see restartPolicy.",
      "PendingRestart True; what waits",
      "Ask for a restart when it suits you; see [What restarts a database](operations.md#what-restarts-a-database)."),
  UNSAFE_PARAMETERS(
      "UnsafeParameters",
      "fsync or full_page_writes is off: a crash can destroy the data.",
      "DataAtRisk True",
      "Switch it on again, unless the data can be made again."),
  COLLATION_VERSION_MISMATCH(
      "CollationVersionMismatch",
      "The image sorts texts otherwise than the one with which databases were made: their indexes have to be made anew.",
      "DataAtRisk True; which databases",
      "The message names them and has the command that makes their indexes anew; see [Images](operations.md#images)."),
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
      "Correct what the message names. If it is in spec.initdb, which cannot be changed, delete the instance and make it anew."),
  DATA_MISSING(
      "DataMissing",
      "There was data once and the volume is empty now.",
      "Ready and Available False, Stalled",
      "Bring the volume back or accept the empty one; see [The volume is empty](operations.md#the-volume-is-empty)."),
  DATA_CORRUPT(
      "DataCorrupt",
      "The data directory is there but not whole.",
      "Ready and Available False, Stalled",
      "Restore the volume from a backup."),
  SPEC_DOES_NOT_MATCH_DATA(
      "SpecDoesNotMatchData",
      "The data was made with another version, database, username or user id than the spec says.",
      "Ready False, Stalled; a server that runs goes on",
      "Set the spec to what the message names, or delete the instance and make it anew with that (Retain keeps the data); if the volume holds other data than before, give the instance its own back, or [adopt](operations.md#data-of-another-instance) what is there."),
  VOLUME_OF_ANOTHER_INSTANCE(
      "VolumeOfAnotherInstance",
      "The volume holds the data of another instance.",
      "Ready and Available False, Stalled; whose",
      "Give the instance its own volume back, or [adopt](operations.md#data-of-another-instance) what is there."),
  VOLUME_LOCKED(
      "VolumeLocked",
      "Another server uses the volume.",
      "Ready and Available False, Reconciling",
      "Wait for the other pod to end; if its node is lost, see [A node is lost](operations.md#a-node-is-lost)."),
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
      "Save the data before the pod ends; see [The claim was deleted](operations.md#the-claim-was-deleted)."),
  VOLUME_READY(
      "VolumeReady",
      "The volume has the size that was asked for, and room left.",
      "StorageReady True",
      "Nothing."),
  RESIZING(
      "Resizing",
      "The volume is growing.",
      "StorageReady False; as the reason of Ready the server is stopped for that",
      "Wait; see [Growing the volume](operations.md#growing-the-volume)."),
  RESIZE_REFUSED(
      "ResizeRefused",
      "The volume does not grow to the size that was asked for.",
      "StorageReady False; the driver's or the API server's words",
      "Usually the StorageClass has no allowVolumeExpansion; see [Growing the volume](operations.md#growing-the-volume)."),
  NEARLY_FULL(
      "NearlyFull",
      "At least 85 % of the volume are used, or were and 80 % still are. The instance works.",
      "StorageReady False, Ready True",
      "Raise spec.storage.size, or drop what is not needed; see [A full volume](operations.md#a-full-volume)."),
  DISK_FULL(
      "DiskFull",
      "The volume is full: rows can be read and dropped, not written.",
      "StorageReady and Ready False",
      "Raise spec.storage.size, or DROP or TRUNCATE what is not needed; see [A full volume](operations.md#a-full-volume)."),
  LOGIN_REFUSED(
      "LoginRefused",
      "The server refuses the login with the published credentials.",
      "Ready and Available False; CredentialsInSync False if it is the password",
      "The message has PostgreSQL's words and a remedy: a revoked right, a role that may not log in, a setting that breaks logins. A wrong password the operator sets right itself."),
  DATABASE_MISSING(
      "DatabaseMissing",
      "There is no such database; somebody has dropped it.",
      "Ready and Available False, Reconciling",
      "Bring it back, or have an empty one made; see [The database was dropped](operations.md#the-database-was-dropped)."),
  TOO_MANY_CONNECTIONS(
      "TooManyConnections",
      "All connections that the role may have are used.",
      "Ready and Available False, Reconciling",
      "End sessions, or raise spec.parameters.max_connections or the role's limit."),
  OPERATOR_CANNOT_CONNECT(
      "OperatorCannotConnect",
      "The server runs but no connection of the operator through the Service succeeds.",
      "Ready and Available False, Reconciling; what the pod says of itself",
      "Let the operator through [network policies](operations.md#network-policies), and one outside of the cluster through the node's firewall."),
  OPERATOR_LOCKED_OUT(
      "OperatorLockedOut",
      "The server does not let the operator's own role do its work.",
      "Ready False, Stalled; Available True",
      "A restart sets the role right; the message has the command."),
  SUPERUSER_REFUSED(
      "SuperuserRefused",
      "The superuser does not get in over the network, as spec.superuserAccess asks for.",
      "Ready False, Reconciling; Available True",
      "The message has PostgreSQL's words; see [The superuser over the network](operations.md#the-superuser-over-the-network)."),
  SUPERUSERS_FOUND(
      "SuperusersFound",
      "There are superusers that the operator did not make.",
      "OtherSuperusers True; their names",
      "If that is not meant, the message has the command that takes it back."),
  DATA_RECORDED(
      "DataRecorded", "The data was made and is recorded.", "Initialized True", "Nothing."),
  PROVEN(
      "Proven", "The server accepts the published password.", "CredentialsInSync True", "Nothing."),
  PASSWORD_SECRET_INVALID(
      "PasswordSecretInvalid",
      "A Secret holds no password that could be used.",
      "Ready False, Reconciling; which Secret and key; the server goes on",
      "Mend the Secret that the message names; see [Passwords](operations.md#passwords)."),
  CONFLICT(
      "Conflict",
      "An object of a name that the instance needs belongs to someone else.",
      "Ready False, Stalled; the object, which is not touched",
      "Delete that object, or give the instance another name; if it is of another instance, [adopt](operations.md#data-of-another-instance) it."),
  NODE_PORT_UNAVAILABLE(
      "NodePortUnavailable",
      "The node port is taken or outside the cluster's range.",
      "ExternalAccessReady and Ready False, Available True; who has the port",
      "See [The node port is taken](operations.md#the-node-port-is-taken)."),
  LOAD_BALANCER_PENDING(
      "LoadBalancerPending",
      "The cluster has given the Service no load balancer yet.",
      "ExternalAccessReady and Ready False, Available True",
      "Wait; kubectl describe service has the words of the controller. A cluster without one needs spec.service.type NodePort."),
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
  SPEC_NOT_UNDERSTOOD(
      "SpecNotUnderstood",
      "The stored spec has a value that this version of the operator cannot read, as another version of the definition allowed it.",
      "Ready False, Stalled; the field and its value. The server is left as it is",
      "Set the field to a value that docs/api.md allows, or upgrade the operator."),
  INTERNAL_ERROR(
      "InternalError",
      "The operator failed at this instance in a way that it was not made for.",
      "Ready False, Reconciling; what failed. It is tried again, and others are served",
      "Report it with the operator's log; the server is left as it is."),
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
          CONFLICT,
          SPEC_NOT_UNDERSTOOD ->
          true;
      default -> false;
    };
  }

  /** Whether something is wrong; otherwise all is well, or on its way. */
  public boolean isProblem() {
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
