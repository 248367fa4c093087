package dev.postgresinstance.operator.kubernetes.cache;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;

/** Questions about a tree of JSON. */
final class JsonTree {

  private JsonTree() {}

  /** The paths of texts that are longer than that. */
  static Stream<String> tooLong(String path, JsonNode node, int maxLength) {
    return node.isTextual() && node.textValue().length() > maxLength
        ? Stream.of(path)
        : Stream.concat(
            node.properties().stream()
                .flatMap(e -> tooLong(path + "." + e.getKey(), e.getValue(), maxLength)),
            node.isArray()
                ? node.valueStream().flatMap(element -> tooLong(path, element, maxLength))
                : Stream.empty());
  }

  /** Whether the tree has more levels than that. */
  static boolean isDeeper(JsonNode node, int levels) {
    return levels == 0 || node.valueStream().anyMatch(child -> isDeeper(child, levels - 1));
  }

  /** The paths that exist in one tree but not in the other. */
  static Stream<String> missing(String path, JsonNode all, JsonNode part) {
    if ((all.isContainerNode() && all.isEmpty()) || all.isNull()) {
      return Stream.empty(); // equivalent to an absent field
    }
    if (part == null) {
      return Stream.of(path);
    }
    return all.properties().stream()
        .flatMap(e -> missing(path + "." + e.getKey(), e.getValue(), part.get(e.getKey())));
  }
}
