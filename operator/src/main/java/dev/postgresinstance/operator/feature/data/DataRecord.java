package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.feature.image.ImagePlan;
import dev.postgresinstance.operator.feature.server.PodOverlay;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
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
 * @param accepted uid of the claim of which a person has accepted an empty volume and that has had
 *     data since, while the resource still names it; empty if none
 * @param runAsUser user id that the files belong to
 * @param image the image with which a server took logins last; empty while none has
 * @param recreated hash of the annotation {@code recreate-database} that stood on the resource
 *     while there was a database; empty if none
 */
public record DataRecord(
    String systemIdentifier,
    String major,
    String database,
    String username,
    String accepted,
    String runAsUser,
    String image,
    String recreated) {

  private static final String SYSTEM_IDENTIFIER = PostgresInstance.GROUP + "/system-identifier";
  private static final String MAJOR = PostgresInstance.GROUP + "/major";
  private static final String DATABASE = PostgresInstance.GROUP + "/database";
  private static final String USERNAME = PostgresInstance.GROUP + "/username";
  private static final String ACCEPTED = PostgresInstance.GROUP + "/accepted-empty-volume";
  private static final String RUN_AS_USER = PostgresInstance.GROUP + "/run-as-user";
  private static final String IMAGE = PostgresInstance.GROUP + "/image";
  private static final String RECREATED = PostgresInstance.GROUP + "/recreated-database";
  private static final String NODE_PORT = PostgresInstance.GROUP + "/node-port";

  /** The record of data that was made as the spec says. */
  public static DataRecord ofNew(String systemIdentifier, PostgresInstanceSpec spec) {
    return new DataRecord(
        systemIdentifier,
        spec.version(),
        spec.database(),
        spec.username(),
        "",
        runAsUser(spec),
        "",
        "");
  }

  /** The record of that instance's data; empty while nothing is known to be initialised. */
  public static Optional<DataRecord> of(Snapshot snapshot) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    return annotations(snapshot)
        .filter(annotations -> annotations.containsKey(SYSTEM_IDENTIFIER))
        .findFirst()
        .map(
            annotations ->
                new DataRecord(
                    annotations.get(SYSTEM_IDENTIFIER),
                    annotations.getOrDefault(MAJOR, spec.version()),
                    annotations.getOrDefault(DATABASE, spec.database()),
                    annotations.getOrDefault(USERNAME, spec.username()),
                    annotations.getOrDefault(ACCEPTED, ""),
                    annotations.getOrDefault(RUN_AS_USER, String.valueOf(PodOverlay.UID)),
                    annotations.getOrDefault(IMAGE, ""),
                    annotations.getOrDefault(RECREATED, "")));
  }

  /**
   * The record once a server that takes logins has told its system identifier. What is recorded
   * already stays, unless a person has accepted other data, or none, in its place.
   */
  public static DataRecord proven(Snapshot snapshot, String systemIdentifier) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    boolean replaceable =
        UserConsent.emptyVolume(snapshot).isPresent() || UserConsent.adopted(snapshot).isPresent();
    DataRecord found =
        of(snapshot)
            .filter(data -> !replaceable || data.systemIdentifier().equals(systemIdentifier))
            .orElseGet(() -> ofNew(systemIdentifier, spec));
    return new DataRecord(
        found.systemIdentifier(),
        found.major(),
        found.database(),
        found.username(),
        UserConsent.emptyVolumeAsked(snapshot).orElse(""),
        found.runAsUser(),
        snapshot.pod().map(ImagePlan::of).orElse(found.image()),
        found.recreated());
  }

  /** The record as it should be with what that login has found. */
  public static Optional<DataRecord> after(Snapshot snapshot, LoginResult login) {
    return login
        .findings()
        .systemIdentifier()
        .map(id -> proven(snapshot, id))
        .or(() -> of(snapshot))
        .map(record -> login instanceof LoggedIn ? record.withDatabase(snapshot) : record);
  }

  /** The same once a login to the database has succeeded: it is there. */
  public DataRecord withDatabase(Snapshot snapshot) {
    return new DataRecord(
        systemIdentifier,
        major,
        database,
        username,
        accepted,
        runAsUser,
        image,
        UserConsent.recreateDatabaseAsked(snapshot).orElse(""));
  }

  private static String runAsUser(PostgresInstanceSpec spec) {
    return String.valueOf(PodOverlay.runAsUser(spec));
  }

  /** The node port that the instance had last. */
  public static Optional<Integer> nodePort(Snapshot snapshot) {
    return annotations(snapshot)
        .flatMap(annotations -> Stream.ofNullable(annotations.get(NODE_PORT)))
        .filter(port -> port.matches("\\d{1,5}"))
        .findFirst()
        .map(Integer::valueOf);
  }

  /** Why the spec is not one of this data, in a sentence; empty when it is. */
  public Optional<String> mismatch(Snapshot snapshot) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    String asked = spec.storage().storageClassName();
    String present =
        snapshot.claim().map(claim -> claim.getSpec().getStorageClassName()).orElse(asked);
    return Stream.of(
            difference("version", major, spec.version()),
            difference("database", database, spec.database()),
            difference("username", username, spec.username()),
            difference("pod.runAsUser", runAsUser, runAsUser(spec)),
            difference("storage.storageClassName", present, asked == null ? present : asked))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> difference(String field, String recorded, String asked) {
    return Objects.equals(asked, recorded)
        ? Optional.empty()
        : Optional.of(
            "The data was made with %s %s, the spec says %s. Nothing was changed; %s"
                .formatted(field, recorded, asked, remedy(field, recorded)));
  }

  /** All but the version cannot be changed, so it is the resource that has to be made anew. */
  private static String remedy(String field, String recorded) {
    return field.equals("version")
        ? "set spec.version back to \"%s\".".formatted(recorded)
        : ("the field cannot be changed: delete this PostgresInstance, while status.storage.retained"
                + " is true, and make it anew with spec.%s %s.")
            .formatted(field, recorded);
  }

  /** The annotations that say all this on a child. */
  public static Map<String, String> annotations(Snapshot snapshot, Optional<DataRecord> record) {
    Map<String, String> annotations =
        new TreeMap<>(record.map(DataRecord::annotations).orElse(Map.of()));
    record
        .map(DataRecord::accepted)
        .filter(uid -> UserConsent.emptyVolumeAsked(snapshot).equals(Optional.of(uid)))
        .ifPresent(uid -> annotations.put(ACCEPTED, uid));
    snapshot
        .nodePort()
        .or(() -> nodePort(snapshot))
        .ifPresent(port -> annotations.put(NODE_PORT, port.toString()));
    return annotations;
  }

  private Map<String, String> annotations() {
    Map<String, String> annotations =
        new TreeMap<>(
            Map.of(
                SYSTEM_IDENTIFIER, systemIdentifier,
                MAJOR, major,
                DATABASE, database,
                USERNAME, username,
                RUN_AS_USER, runAsUser,
                IMAGE, image,
                RECREATED, recreated));
    annotations.values().removeIf(String::isEmpty);
    return annotations;
  }

  private static Stream<Map<String, String>> annotations(Snapshot snapshot) {
    return Stream.<Optional<? extends HasMetadata>>of(snapshot.claim(), snapshot.appSecret())
        .flatMap(Optional::stream)
        .filter(child -> UserConsent.covers(snapshot, child))
        .map(child -> child.getMetadata().getAnnotations());
  }
}
