package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.archive.program.restore.Fetch;
import dev.postgresinstance.operator.feature.backup.pod.HelperPod;
import dev.postgresinstance.operator.feature.backup.pod.Mounts;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod that recovers a database from an archive. The container {@code postgres} recovers it onto a
 * volume, the container {@code fetch} brings it from the archive.
 *
 * @param store that contains the archive
 * @param image of the server
 * @param program image of the operator
 * @param writable whether the program also writes to the store
 */
public record RecoveryPod(
    Snapshot snapshot, ArchiveStore store, String image, String program, boolean writable) {

  /** Name of the container that reads the archive. */
  public static final String FETCH = "fetch";

  /** Name of the volume onto which the database is recovered. */
  public static final String DATA = "data";

  private static final String EXCHANGE = "exchange";
  private static final String PASSWD = "passwd";
  private static final String MEMORY = "memory";
  private static final Quantity LEAST_LIMIT = new Quantity("512Mi");

  /**
   * The template of the pod. It is not repeated in the same pod: a failed one is followed by
   * another.
   *
   * @param component value of the label {@code app.kubernetes.io/component}
   * @param data the volume {@link #DATA}
   * @param resources of the container of the server
   * @param further variables of that container
   * @param request variables by which the program knows what to read
   */
  public PodTemplateSpec template(
      String component,
      Volume data,
      ResourceRequirements resources,
      List<EnvVar> further,
      List<EnvVar> request) {
    PostgresInstance instance = snapshot.instance();
    PostgresInstanceSpec spec = instance.getSpec();
    HelperPod pod = new HelperPod(snapshot, store);
    List<VolumeMount> shared =
        List.of(Mounts.writable(DATA, "/pgdata"), Mounts.writable(EXCHANGE, "/exchange"));
    Container postgres =
        pod.script(Names.CONTAINER, image, RestoreScript.KEY)
            .addToEnv(
                new EnvVar("PGI_DATABASE", literal(spec.database()), null),
                new EnvVar("PGI_USERNAME", literal(spec.username()), null))
            .addAllToEnv(further)
            .withResources(resources)
            .addAllToVolumeMounts(shared)
            .addToVolumeMounts(
                new VolumeMountBuilder(Mounts.readOnly(PASSWD, "/etc/passwd"))
                    .withSubPath(PASSWD)
                    .build())
            .build();
    ContainerBuilder reader = pod.program(FETCH, program, Fetch.class.getName());
    Container fetch =
        (writable ? pod.withWritableStore(reader) : reader)
            .addAllToEnv(request)
            .addAllToVolumeMounts(shared)
            .build();
    return pod.template(component, Names.configMap(instance), List.of(postgres, fetch))
        .editSpec()
        .withRestartPolicy("Never")
        .addToVolumes(data, Mounts.emptyDir(EXCHANGE), passwd(instance))
        .endSpec()
        .build();
  }

  /**
   * The resources of a pod beside which the server runs: it does not request as much. What it
   * recovers with needs little memory; the limit only has to suffice for the dump of many
   * relations.
   *
   * @param ofServer those of the server; null for none
   */
  public static ResourceRequirements resourcesBeside(ResourceRequirements ofServer) {
    ResourceRequirementsBuilder resources =
        new ResourceRequirementsBuilder()
            .addToRequests(Map.of("cpu", new Quantity("10m"), MEMORY, new Quantity("256Mi")));
    Optional.ofNullable(ofServer)
        .map(ResourceRequirements::getLimits)
        .map(limits -> limits.get(MEMORY))
        .map(RecoveryPod::atLeast)
        .ifPresent(limit -> resources.addToLimits(MEMORY, limit));
    return resources.build();
  }

  private static Quantity atLeast(Quantity limit) {
    return limit.getNumericalAmount().compareTo(LEAST_LIMIT.getNumericalAmount()) < 0
        ? LEAST_LIMIT
        : limit;
  }

  /** A name for the user, whatever the image has, as in the pod of the server. */
  private static Volume passwd(PostgresInstance instance) {
    return new VolumeBuilder()
        .withName(PASSWD)
        .withNewConfigMap()
        .withName(Names.configMap(instance))
        .addNewItem()
        .withKey(PASSWD)
        .withPath(PASSWD)
        .endItem()
        .endConfigMap()
        .build();
  }

  /** The kubelet would replace references to other variables. */
  private static String literal(String text) {
    return text.replace("$", "$$");
  }
}
