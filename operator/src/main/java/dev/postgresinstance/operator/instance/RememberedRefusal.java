package dev.postgresinstance.operator.instance;

import dev.postgresinstance.operator.feature.server.Restart;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;

/**
 * Something the spec asks for that did not work, kept with the child that would have brought it.
 *
 * @param key what was asked for and the restart that was asked for: another one tries it again
 * @param words why, for people
 */
public record RememberedRefusal(String key, String words) {

  private static final String WORDS = "-words";

  /** The key of what is asked for now. */
  public static String key(Snapshot snapshot, String asked) {
    return asked + Restart.asked(snapshot.instance()).map(token -> "/" + token).orElse("");
  }

  /** What a child keeps under the name of an annotation, as far as it is about that key. */
  public static Optional<RememberedRefusal> in(
      Optional<? extends HasMetadata> child, String annotation, String key) {
    Map<String, String> annotations =
        child.map(present -> present.getMetadata().getAnnotations()).orElse(Map.of());
    return Optional.ofNullable(annotations.get(annotation))
        .filter(key::equals)
        .map(same -> new RememberedRefusal(same, annotations.getOrDefault(annotation + WORDS, "")));
  }

  /** The annotations that keep it. */
  public Map<String, String> annotations(String annotation) {
    return Map.of(annotation, key, annotation + WORDS, words);
  }
}
