package dev.postgresinstance.api.v1alpha1;

/**
 * What the operator does to an instance, as the reason of a Kubernetes Event. What becomes of the
 * instance is told by events of each {@link Reason}.
 */
public enum EventReason {
  CREATED("Created", "Objects of the instance were made; the message names them."),
  ADOPTED("Adopted", "An object of another instance was taken over, as an annotation asked for."),
  RESTARTING("Restarting", "The pod is deleted so that a new one takes its place, and why."),
  REPLACED(
      "Replaced",
      "The StatefulSet was made otherwise by hand in what cannot be changed; it was deleted around"
          + " its pod, and a new one takes the pod over."),
  PASSWORD_PUBLISHED(
      "PasswordPublished",
      "Another password is in Secret NAME-app: a rotation, or the caller's own was changed."),
  VOLUME_GROWN("VolumeGrown", "The volume has become larger.");

  private final String word;
  private final String meaning;

  EventReason(String word, String meaning) {
    this.word = word;
    this.meaning = meaning;
  }

  /** The CamelCase word in the {@code reason} of the Event. */
  public String word() {
    return word;
  }

  /** What it says, in a sentence for people. */
  public String meaning() {
    return meaning;
  }
}
