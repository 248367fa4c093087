package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.ServerUser;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What is known of data that was initialized. Stored as annotations on the claim and on the
 * published Secret, so that either has it when the other is lost.
 *
 * @param systemIdentifier number that PostgreSQL gave the data directory, see {@code
 *     pg_control_system()}
 * @param major major version of the data
 * @param database name of the database that the first start created
 * @param username name of its owner
 * @param accepted UID of the claim whose empty volume the user accepted and that has held data
 *     since, while the resource still names it; empty if none
 * @param runAsUser user id that owns the files
 * @param image the image with which a login succeeded last; empty before the first
 * @param recreated identifies the annotation {@code recreate-database} that was set while the
 *     database existed; empty if none
 * @param source identifies the backup from which the data was created, see {@link DataSource};
 *     empty if it was initialized
 */
public record DataRecord(
    String systemIdentifier,
    String major,
    String database,
    String username,
    String accepted,
    String runAsUser,
    String image,
    String recreated,
    String source) {

  private static final String SYSTEM_IDENTIFIER = PostgresInstance.GROUP + "/system-identifier";
  private static final String MAJOR = PostgresInstance.GROUP + "/major";
  private static final String DATABASE = PostgresInstance.GROUP + "/database";
  private static final String USERNAME = PostgresInstance.GROUP + "/username";
  private static final String ACCEPTED = PostgresInstance.GROUP + "/accepted-empty-volume";
  private static final String RUN_AS_USER = PostgresInstance.GROUP + "/run-as-user";
  private static final String IMAGE = PostgresInstance.GROUP + "/image";
  private static final String RECREATED = PostgresInstance.GROUP + "/recreated-database";
  private static final String SOURCE = PostgresInstance.GROUP + "/source";
  private static final String NODE_PORT = PostgresInstance.GROUP + "/node-port";

  /** Whoever may write the child may have changed the annotation. */
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");

  /** The record of data that was initialized as the spec says. */
  public static DataRecord ofNew(String systemIdentifier, PostgresInstanceSpec spec) {
    return new DataRecord(
        systemIdentifier,
        spec.version().text(),
        spec.database(),
        spec.username(),
        "",
        String.valueOf(ServerUser.id(spec)),
        "",
        "",
        DataSource.of(spec));
  }

  /**
   * The record of the instance's data; empty while no data is known to be initialized. If the
   * resource orders a restore, and the claim has never had data, the Secret describes data that is
   * lost and that the restore replaces.
   */
  public static Optional<DataRecord> of(Snapshot snapshot) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    return in(snapshot, ObjectKey.CLAIM)
        .or(
            () ->
                in(snapshot, ObjectKey.APP_SECRET)
                    .filter(
                        data ->
                            spec.source() == null || data.source().equals(DataSource.of(spec))));
  }

  /** The record on one object. */
  public static Optional<DataRecord> in(Snapshot snapshot, ObjectKey<? extends HasMetadata> child) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    return annotations(snapshot, child)
        .filter(annotations -> annotations.containsKey(SYSTEM_IDENTIFIER))
        .map(
            annotations ->
                new DataRecord(
                    annotations.get(SYSTEM_IDENTIFIER),
                    annotations.getOrDefault(MAJOR, spec.version().text()),
                    annotations.getOrDefault(DATABASE, spec.database()),
                    annotations.getOrDefault(USERNAME, spec.username()),
                    annotations.getOrDefault(ACCEPTED, ""),
                    annotations.getOrDefault(RUN_AS_USER, String.valueOf(ServerUser.DEFAULT_ID)),
                    annotations.getOrDefault(IMAGE, ""),
                    annotations.getOrDefault(RECREATED, ""),
                    annotations.getOrDefault(SOURCE, "")));
  }

  /**
   * The record once a running server has reported its system identifier. What is recorded already
   * stays, unless the user accepts other data, or none, in its place.
   */
  public static DataRecord proven(Snapshot snapshot, String systemIdentifier) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    boolean replaceable =
        openEmptyVolumeConsent(snapshot).isPresent()
            || UserConsent.adoptedData(snapshot).isPresent();
    DataRecord found =
        of(snapshot)
            .filter(data -> !replaceable || data.systemIdentifier().equals(systemIdentifier))
            .orElseGet(() -> ofNew(systemIdentifier, spec));
    return new DataRecord(
        found.systemIdentifier(),
        found.major(),
        found.database(),
        found.username(),
        UserConsent.emptyVolume(snapshot).orElse(""),
        found.runAsUser(),
        snapshot
            .pod()
            .flatMap(
                pod -> DatabaseContainer.requestedImage(pod, snapshot.get(ObjectKey.STATEFUL_SET)))
            .orElse(found.image()),
        found.recreated(),
        found.source());
  }

  /** The record as it should be after that login. */
  public static Optional<DataRecord> after(Snapshot snapshot, LoginResult login) {
    return login
        .findings()
        .get(SystemIdentifierTask.SYSTEM_IDENTIFIER)
        .map(id -> proven(snapshot, id))
        .or(() -> of(snapshot))
        .map(record -> login instanceof LoggedIn ? record.withDatabase(snapshot) : record);
  }

  /** The same record once a login has shown that the database exists. */
  DataRecord withDatabase(Snapshot snapshot) {
    return new DataRecord(
        systemIdentifier,
        major,
        database,
        username,
        accepted,
        runAsUser,
        image,
        UserConsent.recreateDatabase(snapshot).orElse(""),
        source);
  }

  /** The record of data that was restored from the archive of this data. */
  public DataRecord restored(String identifier) {
    return new DataRecord(
        identifier, major, database, username, "", runAsUser, image, recreated, source);
  }

  /**
   * UID of the present claim, if the user accepts that its volume is empty, and it has held no data
   * since. To accept it once more, the user removes the annotation and sets it again.
   */
  public static Optional<String> openEmptyVolumeConsent(Snapshot snapshot) {
    return UserConsent.emptyVolume(snapshot)
        .filter(uid -> !of(snapshot).map(DataRecord::accepted).orElse("").equals(uid));
  }

  /** The node port that the Service had last. */
  public static Optional<Integer> nodePort(Snapshot snapshot) {
    return Stream.of(ObjectKey.CLAIM, ObjectKey.APP_SECRET)
        .flatMap(child -> annotations(snapshot, child).stream())
        .flatMap(annotations -> Stream.ofNullable(annotations.get(NODE_PORT)))
        .filter(port -> PORT.matcher(port).matches())
        .findFirst()
        .map(Integer::valueOf);
  }

  /** The annotations that store the record on a child. */
  public static Map<String, String> annotations(Snapshot snapshot, Optional<DataRecord> record) {
    Map<String, String> annotations =
        new TreeMap<>(record.map(DataRecord::annotations).orElse(Map.of()));
    record
        .map(DataRecord::accepted)
        .filter(uid -> UserConsent.emptyVolume(snapshot).equals(Optional.of(uid)))
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
                RECREATED, recreated,
                SOURCE, source));
    annotations.values().removeIf(String::isEmpty);
    return annotations;
  }

  private static Optional<Map<String, String>> annotations(
      Snapshot snapshot, ObjectKey<? extends HasMetadata> key) {
    return snapshot
        .get(key)
        .filter(child -> UserConsent.covers(snapshot, child))
        .map(Annotations::of);
  }
}
