package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Decides by owner references which instance owns an object. */
public final class Ownership {

  private Ownership() {}

  /** Whether the garbage collector deletes the object when the instance is deleted. */
  public static boolean isOwner(PostgresInstance instance, HasMetadata child) {
    return owners(instance, child).anyMatch(instance.getMetadata().getUid()::equals);
  }

  /**
   * Whether the object belongs to a deleted resource of the same name: the garbage collector is
   * about to delete it, so it must not be reused.
   */
  public static boolean isOwnedByDeletedInstance(PostgresInstance instance, HasMetadata child) {
    return owners(instance, child).anyMatch(uid -> !uid.equals(instance.getMetadata().getUid()));
  }

  /**
   * Whether claim and Secrets would stay if the resource were deleted now. Empty while there is no
   * claim, or while the operator is changing the owner references of these objects one by one.
   */
  public static Optional<Boolean> retained(Snapshot snapshot) {
    if (snapshot.get(ObjectKey.CLAIM).isEmpty()) {
      return Optional.empty();
    }
    List<Boolean> stays =
        snapshot.retained().map(child -> !isOwner(snapshot.instance(), child)).distinct().toList();
    return stays.size() == 1 ? Optional.of(stays.getFirst()) : Optional.empty();
  }

  private static Stream<String> owners(PostgresInstance instance, HasMetadata child) {
    return Optional.ofNullable(child.getMetadata().getOwnerReferences()).orElse(List.of()).stream()
        .filter(owner -> instance.getKind().equals(owner.getKind()))
        .filter(owner -> owner.getApiVersion().startsWith(PostgresInstance.GROUP + "/"))
        .filter(owner -> instance.getMetadata().getName().equals(owner.getName()))
        .map(OwnerReference::getUid);
  }
}
