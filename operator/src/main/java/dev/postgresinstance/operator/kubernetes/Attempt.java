package dev.postgresinstance.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Optional;

/**
 * A desired state, applied to one state of an object.
 *
 * @param object kind, namespace and name
 * @param uid of the object that was read; empty when there is none
 * @param resourceVersion of the object that was read; {@value #ONLY_IF_ABSENT} when there is none
 * @param desired hash of the desired state
 */
record Attempt(String object, String uid, String resourceVersion, int desired) {

  /** With this resource version an apply creates the object, or fails with a conflict. */
  private static final String ONLY_IF_ABSENT = "1";

  /** The attempt to apply the desired state to an object as it was read. */
  static Attempt of(Optional<? extends HasMetadata> actual, HasMetadata desired) {
    Optional<ObjectMeta> read = actual.map(HasMetadata::getMetadata);
    return new Attempt(
        key(desired),
        read.map(ObjectMeta::getUid).orElse(""),
        read.map(ObjectMeta::getResourceVersion).orElse(ONLY_IF_ABSENT),
        desired.hashCode());
  }

  /** Whether there was no object. */
  boolean creates() {
    return uid.isEmpty();
  }

  /** Whether the other attempt is about the same state of the object. */
  boolean hasSameObject(Attempt other) {
    return object.equals(other.object)
        && uid.equals(other.uid)
        && resourceVersion.equals(other.resourceVersion);
  }

  /** Kind, namespace and name of an object. */
  static String key(HasMetadata child) {
    ObjectMeta meta = child.getMetadata();
    return "%s %s/%s".formatted(child.getKind(), meta.getNamespace(), meta.getName());
  }
}
