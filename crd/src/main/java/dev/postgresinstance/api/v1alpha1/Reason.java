package dev.postgresinstance.api.v1alpha1;

import java.util.Arrays;
import java.util.Optional;

/** Why the condition {@code Ready} is what it is: a closed list, for programs to compare with. */
public enum Reason {
  RUNNING(
      "Running",
      "A login through the Service with the published credentials succeeded. The only reason of True."),
  CREATING("Creating", "The objects are being made; there is no pod yet."),
  STARTING("Starting", "The pod is there and the server does not take logins yet."),
  UNSCHEDULABLE("Unschedulable", "No node can take the pod."),
  IMAGE_UNAVAILABLE("ImageUnavailable", "The image cannot be pulled."),
  IMAGE_DOES_NOT_FIT("ImageDoesNotFit", "The programs in the image are not those of spec.version."),
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
  LOGIN_REFUSED("LoginRefused", "The server refuses the login with the published credentials."),
  UNREACHABLE("Unreachable", "The server runs but no connection through the Service succeeds."),
  CONFLICT("Conflict", "An object of a name that the instance needs belongs to someone else."),
  NODE_PORT_UNAVAILABLE(
      "NodePortUnavailable", "The node port is taken or outside the cluster's range."),
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

  /** The reason of that word, if it is one. */
  public static Optional<Reason> of(String word) {
    return Arrays.stream(values()).filter(reason -> reason.word.equals(word)).findFirst();
  }
}
