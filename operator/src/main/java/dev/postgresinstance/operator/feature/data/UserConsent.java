package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a person has accepted of the data, by annotations on the resource. Each names exactly what
 * it is about, so that one that was left standing accepts nothing else.
 */
public final class UserConsent {

  /** Names the uid of the claim of which an empty volume is accepted in place of data. */
  public static final String ACCEPT_EMPTY_VOLUME = PostgresInstance.GROUP + "/accept-empty-volume";

  /** Names the instance id, or system identifier, of other data that is accepted as its own. */
  public static final String ADOPT = PostgresInstance.GROUP + "/adopt";

  /** Any text: another one has a database made anew that is gone. */
  public static final String RECREATE_DATABASE = PostgresInstance.GROUP + "/recreate-database";

  private static final String EMPTY_VOLUME_VARIABLE = "PGI_ACCEPT_EMPTY_VOLUME";
  private static final String ADOPT_VARIABLE = "PGI_ADOPT";

  /** What the annotations look like that name something; a manifest may hold anything. */
  private static final Pattern AN_ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

  private UserConsent() {}

  /**
   * The uid of the present claim, if its volume may be empty although there was data. Not any more
   * when the claim has had data since: who wants to accept it once more takes the annotation away
   * and sets it again.
   */
  public static Optional<String> emptyVolume(Snapshot snapshot) {
    return emptyVolumeAsked(snapshot)
        .filter(uid -> !DataRecord.of(snapshot).map(DataRecord::accepted).orElse("").equals(uid));
  }

  /** The same, whether or not the claim has had data since. */
  static Optional<String> emptyVolumeAsked(Snapshot snapshot) {
    return annotation(snapshot, ACCEPT_EMPTY_VOLUME)
        .filter(uid -> claimUid(snapshot).equals(Optional.of(uid)));
  }

  /** The id of the other data. */
  public static Optional<String> adopted(Snapshot snapshot) {
    return annotation(snapshot, ADOPT);
  }

  /**
   * Whether the database is to be made anew that is gone. Not by an annotation that stood there
   * while it was there.
   */
  public static boolean recreateDatabase(Snapshot snapshot) {
    return recreateDatabaseAsked(snapshot)
        .filter(
            token -> !DataRecord.of(snapshot).map(DataRecord::recreated).orElse("").equals(token))
        .isPresent();
  }

  static Optional<String> recreateDatabaseAsked(Snapshot snapshot) {
    return Optional.ofNullable(snapshot.instance().getMetadata().getAnnotations())
        .map(annotations -> annotations.get(RECREATE_DATABASE))
        .map(Hashes::brief);
  }

  /** Whether the instance that a child tells of is this one, or is accepted as this one. */
  public static boolean covers(Snapshot snapshot, HasMetadata child) {
    Optional<String> id = Identity.of(child);
    return id.isPresent()
        && (id.equals(Optional.of(Identity.of(snapshot))) || id.equals(adopted(snapshot)));
  }

  /** What a person can do about a volume that is empty, in a sentence. */
  public static String remedyForEmptyVolume(Snapshot snapshot) {
    String uid = claimUid(snapshot).orElse("UID-OF-THE-CLAIM");
    String command =
        "kubectl -n %s annotate --overwrite pgi %s %s"
            .formatted(
                snapshot.instance().getMetadata().getNamespace(),
                snapshot.instance().getMetadata().getName(),
                ACCEPT_EMPTY_VOLUME);
    if (emptyVolume(snapshot).isPresent()) {
      return "The empty volume is accepted; a new database is being made on it.";
    }
    return emptyVolumeAsked(snapshot).isPresent()
        ? ("That this claim is empty was accepted once, and there has been data since. To accept it"
                + " once more: %s- and then %s=%s")
            .formatted(command, command, uid)
        : "Or give the data up and begin with an empty database: %s=%s".formatted(command, uid);
  }

  /** What tells the start script. Not part of any hash: it restarts no server that runs. */
  public static List<EnvVar> variables(Snapshot snapshot) {
    return Stream.concat(
            emptyVolume(snapshot).map(uid -> new EnvVar(EMPTY_VOLUME_VARIABLE, uid, null)).stream(),
            adopted(snapshot).map(id -> new EnvVar(ADOPT_VARIABLE, id, null)).stream())
        .toList();
  }

  /** Whether that pod was told something else than the next one would be. */
  public static boolean differs(Pod pod, StatefulSet desired) {
    return !told(pod.getSpec().getContainers().getFirst().getEnv())
        .equals(
            told(desired.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv()));
  }

  private static List<EnvVar> told(List<EnvVar> environment) {
    return environment.stream()
        .filter(v -> Set.of(EMPTY_VOLUME_VARIABLE, ADOPT_VARIABLE).contains(v.getName()))
        .toList();
  }

  private static Optional<String> claimUid(Snapshot snapshot) {
    return snapshot.claim().map(claim -> claim.getMetadata().getUid());
  }

  private static Optional<String> annotation(Snapshot snapshot, String name) {
    return Optional.ofNullable(snapshot.instance().getMetadata().getAnnotations())
        .map(annotations -> annotations.get(name))
        .map(String::strip)
        .filter(id -> AN_ID.matcher(id).matches());
  }
}
