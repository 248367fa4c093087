package dev.postgresinstance.operator.feature.server.pod;

import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ServerUser;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;

/**
 * How a user gives the files on the volume to the user of the server. Only root may do that, and
 * the server's own pod never runs as root, so the command creates a pod of its own for it.
 */
final class OwnershipRemedy {

  private static final String VOLUME = "data";
  private static final String MOUNT_PATH = "/pgdata";

  private OwnershipRemedy() {}

  /** The remedy, in a sentence that ends with the command. */
  static String of(Snapshot snapshot) {
    String name = Names.statefulSet(snapshot.instance()) + "-chown";
    Optional<Pod> server = snapshot.pod();
    String image = server.flatMap(DatabaseContainer::image).orElse("postgres");
    return ("If the volume is meant for this instance, give its files to user %d: kubectl run -n %s"
            + " %s --image=%s --restart=Never --rm -i --overrides='%s'")
        .formatted(
            ServerUser.id(snapshot.instance().getSpec()),
            snapshot.instance().getMetadata().getNamespace(),
            name,
            image,
            Serialization.asJson(pod(snapshot, server.map(Pod::getSpec), name, image)));
  }

  /** On the node of the server, because most volumes can be attached to one node only. */
  private static Pod pod(Snapshot snapshot, Optional<PodSpec> server, String name, String image) {
    int user = ServerUser.id(snapshot.instance().getSpec());
    return new PodBuilder()
        .withNewSpec()
        .withNodeName(server.map(PodSpec::getNodeName).orElse(null))
        .withImagePullSecrets(server.map(PodSpec::getImagePullSecrets).orElse(List.of()))
        .addNewContainer()
        .withName(name)
        .withImage(image)
        .withCommand(
            "sh",
            "-c",
            "chown -R %1$d:%1$d %2$s && chmod -R u+rwX %2$s".formatted(user, MOUNT_PATH))
        // What the options of kubectl run would set, if its container were not replaced by this
        // one.
        .withStdin(true)
        .withStdinOnce(true)
        .withNewSecurityContext()
        .withRunAsUser(0L)
        .endSecurityContext()
        .addNewVolumeMount()
        .withName(VOLUME)
        .withMountPath(MOUNT_PATH)
        .endVolumeMount()
        .endContainer()
        .addNewVolume()
        .withName(VOLUME)
        .withNewPersistentVolumeClaim(snapshot.claimName(), null)
        .endVolume()
        .endSpec()
        .build();
  }
}
