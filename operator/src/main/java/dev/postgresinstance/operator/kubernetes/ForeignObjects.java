package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.report.Abort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** Rejects objects that do not belong to the instance. */
public final class ForeignObjects {

  private ForeignObjects() {}

  /**
   * Checks that an object belongs to the instance of that identity.
   *
   * @throws Abort when it does not
   */
  public static void abortIfForeign(HasMetadata object, String identity) {
    Optional<String> owner = Identity.of(object);
    if (!owner.equals(Optional.of(identity))) {
      String name = "%s %s".formatted(object.getKind(), object.getMetadata().getName());
      throw new Abort(
          Reason.CONFLICT,
          owner
              .map(id -> ofOtherInstance(name, id))
              .orElse(
                  name
                      + " exists and does not belong to this instance; it was not changed. Give the"
                      + " instance another name, or delete that object if nobody needs it."));
    }
  }

  private static String ofOtherInstance(String name, String id) {
    return ("%s exists and belongs to another instance with id %s; it was not changed. Give this"
            + " instance another name, delete that object if nobody needs it, or accept it for this"
            + " instance with the annotation %s: %s")
        .formatted(name, id, Labels.ADOPT, id);
  }
}
