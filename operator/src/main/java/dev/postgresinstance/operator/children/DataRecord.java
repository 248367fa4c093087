package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What is known of data that once was initialised. Kept as annotations on the claim and on the
 * published Secret, so that either tells it when the other is lost.
 *
 * @param systemIdentifier PostgreSQL's own number of the data directory, as {@code
 *     pg_control_system()} says
 * @param major major version of the data
 * @param database name of the database that was made at the first start
 * @param username name of its owner
 */
public record DataRecord(String systemIdentifier, String major, String database, String username) {

  private static final String SYSTEM_IDENTIFIER = PostgresInstance.GROUP + "/system-identifier";
  private static final String MAJOR = PostgresInstance.GROUP + "/major";
  private static final String DATABASE = PostgresInstance.GROUP + "/database";
  private static final String USERNAME = PostgresInstance.GROUP + "/username";
  private static final String NODE_PORT = PostgresInstance.GROUP + "/node-port";

  /** The record of that instance's data; empty while nothing is known to be initialised. */
  public static Optional<DataRecord> of(World world) {
    PostgresInstanceSpec spec = world.instance().getSpec();
    return annotations(world)
        .filter(annotations -> annotations.containsKey(SYSTEM_IDENTIFIER))
        .findFirst()
        .map(
            annotations ->
                new DataRecord(
                    annotations.get(SYSTEM_IDENTIFIER),
                    annotations.getOrDefault(MAJOR, spec.version()),
                    annotations.getOrDefault(DATABASE, spec.database()),
                    annotations.getOrDefault(USERNAME, spec.username())));
  }

  /** The node port that the instance had last. */
  public static Optional<Integer> nodePort(World world) {
    return annotations(world)
        .flatMap(annotations -> Stream.ofNullable(annotations.get(NODE_PORT)))
        .filter(port -> port.matches("\\d{1,5}"))
        .findFirst()
        .map(Integer::valueOf);
  }

  /** Why the spec is not one of this data, in a sentence; empty when it is. */
  public Optional<String> mismatch(World world) {
    PostgresInstanceSpec spec = world.instance().getSpec();
    String asked = spec.storage().storageClassName();
    String present =
        world.claim().map(claim -> claim.getSpec().getStorageClassName()).orElse(asked);
    return Stream.of(
            difference("version", major, spec.version()),
            difference("database", database, spec.database()),
            difference("username", username, spec.username()),
            difference("storage.storageClassName", present, asked == null ? present : asked))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> difference(String field, String recorded, String asked) {
    return Objects.equals(asked, recorded)
        ? Optional.empty()
        : Optional.of(
            "The data was made with %s %s, the spec says %s. Nothing was changed; set spec.%s back to \"%s\"."
                .formatted(field, recorded, asked, field, recorded));
  }

  /** The annotations that say all this on a child. */
  static Map<String, String> annotations(World world, Optional<DataRecord> record) {
    Map<String, String> annotations =
        new TreeMap<>(record.map(DataRecord::annotations).orElse(Map.of()));
    world
        .nodePort()
        .or(() -> nodePort(world))
        .ifPresent(port -> annotations.put(NODE_PORT, port.toString()));
    return annotations;
  }

  private Map<String, String> annotations() {
    return Map.of(
        SYSTEM_IDENTIFIER, systemIdentifier, MAJOR, major, DATABASE, database, USERNAME, username);
  }

  private static Stream<Map<String, String>> annotations(World world) {
    return Stream.<Optional<? extends HasMetadata>>of(world.claim(), world.appSecret())
        .flatMap(Optional::stream)
        .filter(child -> Identity.of(child).equals(Optional.of(Identity.of(world))))
        .map(child -> child.getMetadata().getAnnotations());
  }
}
