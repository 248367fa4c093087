package dev.postgresinstance.operator.children;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;

/**
 * Something the spec asks for that did not work, kept with the child that would have brought it.
 *
 * @param key what was asked for and the restart that was asked for: another one tries it again
 * @param words why, for people
 */
public record Refused(String key, String words) {

  private static final String WORDS = "-words";

  /** The key of what is asked for now. */
  static String key(World world, String asked) {
    return asked + Restart.asked(world.instance()).map(token -> "/" + token).orElse("");
  }

  /** What a child keeps under the name of an annotation, as far as it is about that key. */
  static Optional<Refused> in(
      Optional<? extends HasMetadata> child, String annotation, String key) {
    Map<String, String> annotations =
        child.map(present -> present.getMetadata().getAnnotations()).orElse(Map.of());
    return Optional.ofNullable(annotations.get(annotation))
        .filter(key::equals)
        .map(same -> new Refused(same, annotations.getOrDefault(annotation + WORDS, "")));
  }

  /** The annotations that keep it. */
  Map<String, String> annotations(String annotation) {
    return Map.of(annotation, key, annotation + WORDS, words);
  }
}
