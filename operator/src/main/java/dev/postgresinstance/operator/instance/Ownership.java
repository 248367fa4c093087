package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which resource an object goes with, by its owner references. */
public final class Ownership {

  private Ownership() {}

  /** Whether the object goes when that resource is deleted. */
  public static boolean isOwner(PostgresInstance instance, HasMetadata child) {
    return owners(instance, child).anyMatch(instance.getMetadata().getUid()::equals);
  }

  /**
   * Whether the object goes with a resource of that name that is gone already: the garbage
   * collector has not come to it yet, and what takes it back loses it.
   */
  public static boolean goesWithFormer(PostgresInstance instance, HasMetadata child) {
    return owners(instance, child).anyMatch(uid -> !uid.equals(instance.getMetadata().getUid()));
  }

  /**
   * Whether claim and Secrets would stay if the resource were deleted now. Empty while there is no
   * claim, or where they would not share their fate.
   */
  public static Optional<Boolean> retained(Snapshot snapshot) {
    if (snapshot.claim().isEmpty()) {
      return Optional.empty();
    }
    List<Boolean> fates =
        snapshot.kept().map(child -> !isOwner(snapshot.instance(), child)).toList();
    return fates.stream().distinct().count() == 1
        ? Optional.of(fates.getFirst())
        : Optional.empty();
  }

  private static Stream<String> owners(PostgresInstance instance, HasMetadata child) {
    return Optional.ofNullable(child.getMetadata().getOwnerReferences()).orElse(List.of()).stream()
        .filter(owner -> instance.getKind().equals(owner.getKind()))
        .filter(owner -> owner.getApiVersion().startsWith(PostgresInstance.GROUP + "/"))
        .filter(owner -> instance.getMetadata().getName().equals(owner.getName()))
        .map(OwnerReference::getUid);
  }
}
