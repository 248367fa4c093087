package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The user's consent that has not been used yet, and how the start script learns of it. */
public final class OpenConsent {

  private static final String EMPTY_VOLUME_VARIABLE = "PGI_ACCEPT_EMPTY_VOLUME";
  private static final String ADOPT_VARIABLE = "PGI_ADOPT";

  private OpenConsent() {}

  /**
   * Whether a missing database may be recreated. An annotation that was set while the database
   * existed does not count.
   */
  public static boolean recreateDatabase(Snapshot snapshot) {
    return UserConsent.recreateDatabase(snapshot)
        .filter(
            request ->
                !DataRecord.of(snapshot).map(DataRecord::recreated).orElse("").equals(request))
        .isPresent();
  }

  /** How a user can continue with a volume that is empty, in a sentence. */
  public static String remedyForEmptyVolume(Snapshot snapshot) {
    String uid = UserConsent.claimUid(snapshot).orElse("UID-OF-THE-CLAIM");
    String command =
        KubectlCommand.annotate(snapshot.instance(), UserConsent.ACCEPT_EMPTY_VOLUME, uid);
    if (DataRecord.openEmptyVolumeConsent(snapshot).isPresent()) {
      return "The empty volume is accepted; a new database is being created on it.";
    }
    return UserConsent.emptyVolume(snapshot).isPresent()
        ? ("The annotation accepted that this claim is empty before; the claim has held data since"
                + " then. To accept it again: %s && %s")
            .formatted(
                KubectlCommand.removeAnnotation(
                    snapshot.instance(), UserConsent.ACCEPT_EMPTY_VOLUME),
                command)
        : "To give the data up and start with an empty database: " + command;
  }

  /**
   * The environment variables by which the start script learns of it. They are part of no hash, so
   * that they restart no running server.
   */
  public static List<EnvVar> variables(Snapshot snapshot) {
    return Stream.concat(
            DataRecord.openEmptyVolumeConsent(snapshot)
                .map(uid -> new EnvVar(EMPTY_VOLUME_VARIABLE, uid, null))
                .stream(),
            UserConsent.adoptedData(snapshot)
                .map(id -> new EnvVar(ADOPT_VARIABLE, id, null))
                .stream())
        .toList();
  }

  /** Whether a pod was started with another consent than the next pod would be. */
  public static boolean differs(Pod pod, StatefulSet desired) {
    return !variables(DatabaseContainer.of(pod)).equals(variables(DatabaseContainer.of(desired)));
  }

  private static List<EnvVar> variables(Optional<Container> container) {
    return container.map(Container::getEnv).orElse(List.of()).stream()
        .filter(v -> Set.of(EMPTY_VOLUME_VARIABLE, ADOPT_VARIABLE).contains(v.getName()))
        .toList();
  }
}
