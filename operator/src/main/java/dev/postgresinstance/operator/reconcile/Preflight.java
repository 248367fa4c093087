package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ForeignObjects;
import dev.postgresinstance.operator.report.Abort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** Checks the children before the operator writes anything or logs in. */
final class Preflight {

  private Preflight() {}

  /**
   * Checks that all children belong to the instance, or that the user has accepted them.
   *
   * @throws Abort when a child belongs to another instance or to nobody, or is about to be deleted
   *     with a deleted instance of the same name
   */
  static void check(Snapshot snapshot) {
    String identity = Identity.of(snapshot);
    snapshot.children().forEach(child -> abortIfOfDeletedInstance(snapshot, child, identity));
    snapshot.children().stream()
        .filter(child -> !isDispensable(snapshot, child))
        .filter(child -> !hasArchivesOfAnyInstance(snapshot, child))
        .filter(child -> !UserConsent.covers(snapshot, child))
        .forEach(child -> ForeignObjects.abortIfForeign(child, identity));
  }

  private static boolean isDispensable(Snapshot snapshot, HasMetadata child) {
    return ObjectKey.ALL.stream()
        .filter(ObjectKey::isDispensable)
        .anyMatch(key -> key.identifies(snapshot.instance(), child));
  }

  /** The volume with the backups outlives each instance of its name, and serves the next one. */
  private static boolean hasArchivesOfAnyInstance(Snapshot snapshot, HasMetadata child) {
    return ObjectKey.BACKUP_CLAIM.identifies(snapshot.instance(), child)
        && Identity.of(child).isPresent();
  }

  /**
   * An object of a deleted resource of the same name is not reused: other parts of that instance
   * may be deleted already. Where the data stays, children that only serve the data may be reused.
   */
  private static void abortIfOfDeletedInstance(
      Snapshot snapshot, HasMetadata child, String identity) {
    boolean isReusable =
        snapshot.retained().noneMatch(child::equals)
            && Identity.of(child).equals(Optional.of(identity));
    if (!isReusable && Ownership.isOwnedByDeletedInstance(snapshot.instance(), child)) {
      throw new Abort(
          Reason.CREATING,
          ("%s %s belongs to a deleted instance of the same name with deletionPolicy Delete. The"
                  + " operator creates a new one when it is gone.")
              .formatted(child.getKind(), child.getMetadata().getName()));
    }
  }
}
