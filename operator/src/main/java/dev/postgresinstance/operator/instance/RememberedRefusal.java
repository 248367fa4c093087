package dev.postgresinstance.operator.instance;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;

/**
 * A part of the spec that did not work, remembered in annotations of the child that would have
 * carried it.
 *
 * @param key identifies what was attempted, see {@link RestartRequest#keyOf}: another key is
 *     attempted again
 * @param message why it did not work
 */
public record RememberedRefusal(String key, String message) {

  /** Suffix of the annotation that holds the message. It is stored on existing objects. */
  private static final String MESSAGE = "-words";

  /** The refusal in an annotation of a child; empty when there is none, or it has another key. */
  public static Optional<RememberedRefusal> in(
      Optional<? extends HasMetadata> child, String annotation, String key) {
    return Annotations.get(child, annotation)
        .filter(key::equals)
        .map(
            same ->
                new RememberedRefusal(
                    same, Annotations.get(child, annotation + MESSAGE).orElse("")));
  }

  /** The annotations that remember this refusal. */
  public Map<String, String> annotations(String annotation) {
    return Map.of(annotation, key, annotation + MESSAGE, message);
  }
}
