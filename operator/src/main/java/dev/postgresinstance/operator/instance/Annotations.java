package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import java.util.Optional;

/** Reads the annotations of an object, which may have none. */
public final class Annotations {

  private Annotations() {}

  /** All annotations of an object; empty when it has none. */
  public static Map<String, String> of(HasMetadata object) {
    return of(object.getMetadata());
  }

  /** All annotations in an object's metadata, which may be missing in a pod template. */
  public static Map<String, String> of(ObjectMeta metadata) {
    return Optional.ofNullable(metadata).map(ObjectMeta::getAnnotations).orElse(Map.of());
  }

  /** The value of one annotation. */
  public static Optional<String> get(HasMetadata object, String name) {
    return Optional.ofNullable(of(object).get(name));
  }

  /** The value of one annotation of an object that may not exist. */
  public static Optional<String> get(Optional<? extends HasMetadata> object, String name) {
    return object.flatMap(present -> get(present, name));
  }
}
