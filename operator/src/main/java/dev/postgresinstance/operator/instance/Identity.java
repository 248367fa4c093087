package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whose data it is. The identity is a random id that lives with the data: on the claim, on the
 * Secrets and in a file on the volume. It starts as the UID of the resource that first asked for
 * the data, so that it needs no place of its own before the first child is written; a later
 * resource of the same name takes the id over from the claim or the Secret.
 */
public final class Identity {

  private Identity() {}

  /** The id of the instance's data. */
  public static String of(Snapshot snapshot) {
    return Stream.of(snapshot.claim(), snapshot.appSecret(), snapshot.operatorSecret())
        .flatMap(Optional::stream)
        .flatMap(child -> of(child).stream())
        .findFirst()
        .orElse(snapshot.instance().getMetadata().getUid());
  }

  /** The id that an object carries, if it carries one. */
  public static Optional<String> of(HasMetadata child) {
    return Optional.ofNullable(child.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(Labels.INSTANCE_ID));
  }
}
