package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
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
public final class Consent {

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

  private Consent() {}

  /**
   * The uid of the present claim, if its volume may be empty although there was data. Not any more
   * when the claim has had data since: who wants to accept it once more takes the annotation away
   * and sets it again.
   */
  public static Optional<String> emptyVolume(World world) {
    return emptyVolumeAsked(world)
        .filter(uid -> !DataRecord.of(world).map(DataRecord::accepted).orElse("").equals(uid));
  }

  /** The same, whether or not the claim has had data since. */
  static Optional<String> emptyVolumeAsked(World world) {
    return annotation(world, ACCEPT_EMPTY_VOLUME)
        .filter(uid -> claimUid(world).equals(Optional.of(uid)));
  }

  /** The id of the other data. */
  public static Optional<String> adopted(World world) {
    return annotation(world, ADOPT);
  }

  /**
   * Whether the database is to be made anew that is gone. Not by an annotation that stood there
   * while it was there.
   */
  public static boolean recreateDatabase(World world) {
    return recreateDatabaseAsked(world)
        .filter(token -> !DataRecord.of(world).map(DataRecord::recreated).orElse("").equals(token))
        .isPresent();
  }

  static Optional<String> recreateDatabaseAsked(World world) {
    return Optional.ofNullable(world.instance().getMetadata().getAnnotations())
        .map(annotations -> annotations.get(RECREATE_DATABASE))
        .map(Hashes::brief);
  }

  /** Whether the instance that a child tells of is this one, or is accepted as this one. */
  public static boolean covers(World world, HasMetadata child) {
    Optional<String> id = Identity.of(child);
    return id.isPresent()
        && (id.equals(Optional.of(Identity.of(world))) || id.equals(adopted(world)));
  }

  /** What a person can do about a volume that is empty, in a sentence. */
  public static String remedyForEmptyVolume(World world) {
    String uid = claimUid(world).orElse("UID-OF-THE-CLAIM");
    String command =
        "kubectl -n %s annotate --overwrite pgi %s %s"
            .formatted(
                world.instance().getMetadata().getNamespace(),
                world.instance().getMetadata().getName(),
                ACCEPT_EMPTY_VOLUME);
    if (emptyVolume(world).isPresent()) {
      return "The empty volume is accepted; a new database is being made on it.";
    }
    return emptyVolumeAsked(world).isPresent()
        ? ("That this claim is empty was accepted once, and there has been data since. To accept it"
                + " once more: %s- and then %s=%s")
            .formatted(command, command, uid)
        : "Or give the data up and begin with an empty database: %s=%s".formatted(command, uid);
  }

  /** What tells the start script. Not part of any hash: it restarts no server that runs. */
  static List<EnvVar> variables(World world) {
    return Stream.concat(
            emptyVolume(world).map(uid -> new EnvVar(EMPTY_VOLUME_VARIABLE, uid, null)).stream(),
            adopted(world).map(id -> new EnvVar(ADOPT_VARIABLE, id, null)).stream())
        .toList();
  }

  /** Whether that pod was told something else than the next one would be. */
  static boolean differs(Pod pod, StatefulSet desired) {
    return !told(pod.getSpec().getContainers().getFirst().getEnv())
        .equals(
            told(desired.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv()));
  }

  private static List<EnvVar> told(List<EnvVar> environment) {
    return environment.stream()
        .filter(v -> Set.of(EMPTY_VOLUME_VARIABLE, ADOPT_VARIABLE).contains(v.getName()))
        .toList();
  }

  private static Optional<String> claimUid(World world) {
    return world.claim().map(claim -> claim.getMetadata().getUid());
  }

  private static Optional<String> annotation(World world, String name) {
    return Optional.ofNullable(world.instance().getMetadata().getAnnotations())
        .map(annotations -> annotations.get(name))
        .map(String::strip)
        .filter(id -> AN_ID.matcher(id).matches());
  }
}
