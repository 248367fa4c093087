package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/**
 * The identity of an instance's data: a random id that is stored with the data, on the claim, on
 * the Secrets and in a file on the volume. It starts as the UID of the resource that first asked
 * for the data, so it needs no storage before the first child is written. A later resource of the
 * same name takes the id from the claim or the Secrets.
 */
public final class Identity {

  private Identity() {}

  /** Id of the instance's data. */
  public static String of(Snapshot snapshot) {
    return snapshot
        .retained()
        .flatMap(child -> of(child).stream())
        .findFirst()
        .orElse(snapshot.instance().getMetadata().getUid());
  }

  /** Id that an object carries; empty when it carries none. */
  public static Optional<String> of(HasMetadata child) {
    return Annotations.get(child, Labels.INSTANCE_ID);
  }
}
