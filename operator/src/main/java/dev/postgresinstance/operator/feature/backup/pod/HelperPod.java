package dev.postgresinstance.operator.feature.backup.pod;

import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.pod.PodOverlay;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A pod that serves an instance beside its server, and reaches a store: scripts run in the image of
 * PostgreSQL, programs in Java run in the image of the operator, all as the user of the instance.
 * None has access to the Kubernetes API.
 *
 * <p>From {@code spec.pod} it has everything but the labels: a Service of the user that selects the
 * server by them must not find this pod.
 *
 * @param snapshot the instance that the pod serves
 * @param store the store that its programs reach
 */
public record HelperPod(Snapshot snapshot, ArchiveStore store) {

  private static final String SCRIPTS = "scripts";
  private static final String SCRIPTS_PATH = "/etc/postgres-instance-backup";
  private static final String LOGIN = "login";
  private static final String LOGIN_PATH = "/etc/pgi-login";
  private static final String TMP = "/tmp";

  /** Scripts and programs read the files as the group of the pod. */
  private static final int MODE = 0440;

  /** The start of each program in the image of the operator. */
  private static final List<String> JAVA = List.of("/opt/java/bin/java", "@/app/program.options");

  private static final List<String> CLASS_PATH = List.of("-cp", "/app/*:/app/lib/*");

  /** They wait most of the time, and where processors are scarce, the server goes first. */
  private static final String CPU = "10m";

  private static final ResourceRequirements OF_SCRIPT = resources("32Mi", "256Mi");
  private static final ResourceRequirements OF_PROGRAM = resources("128Mi", "256Mi");

  private static ResourceRequirements resources(String memory, String memoryLimit) {
    return new ResourceRequirementsBuilder()
        .addToRequests("cpu", new Quantity(CPU))
        .addToRequests("memory", new Quantity(memory))
        .addToLimits("memory", new Quantity(memoryLimit))
        .build();
  }

  /**
   * A container that runs a script of the mounted ConfigMap. Of its file system it can change only
   * {@code /tmp}, which no other container sees.
   *
   * @param image an image of PostgreSQL
   * @param script key of the ConfigMap
   */
  public ContainerBuilder script(String name, String image, String script) {
    return container(name, image)
        .withCommand("/bin/bash", SCRIPTS_PATH + "/" + script)
        .withEnv(variables())
        .withResources(OF_SCRIPT)
        .addToVolumeMounts(Mounts.readOnly(SCRIPTS, SCRIPTS_PATH));
  }

  /**
   * A container that runs a program in Java, with all that the program needs to read from the
   * store. {@link #withWritableStore} lets it change the store.
   *
   * @param image the image of the operator
   * @param mainClass its full name
   * @param options further options of the JVM
   */
  public ContainerBuilder program(String name, String image, String mainClass, String... options) {
    StoreAccess access = new StoreAccess(store);
    return container(name, image)
        .withCommand(
            Stream.of(JAVA, List.of(options), CLASS_PATH, List.of(mainClass))
                .flatMap(List::stream)
                .toList())
        .withEnv(variables())
        .addAllToEnv(access.variables())
        .withResources(OF_PROGRAM)
        .addAllToVolumeMounts(access.mounts(false));
  }

  /**
   * The same container with what it needs to change the store: of a volume, the mount.
   *
   * @param container made by {@link #script} or {@link #program}
   */
  public ContainerBuilder withWritableStore(ContainerBuilder container) {
    List<VolumeMount> mounts = new StoreAccess(store).mounts(true);
    return store.volume() == null
        ? container
        : container
            .removeMatchingFromVolumeMounts(
                mount -> mount.getMountPath().equals(StoreAccess.FOLDER))
            .addAllToVolumeMounts(mounts);
  }

  /** The folder on a volume into which the backup pod of an instance receives. */
  public static String spool(Snapshot snapshot) {
    return StoreAccess.FOLDER + "/" + ArchiveLayout.spool(Identity.of(snapshot));
  }

  private List<EnvVar> variables() {
    PostgresInstance instance = snapshot.instance();
    Optional<String> owner =
        snapshot.get(ObjectKey.CLAIM).map(claim -> claim.getMetadata().getUid());
    return List.of(
        new EnvVar("PGI_INSTANCE_ID", Identity.of(snapshot), null),
        new EnvVar("PGI_INSTANCE_NAME", instance.getMetadata().getName(), null),
        new EnvVar("PGI_INSTANCE_NAMESPACE", instance.getMetadata().getNamespace(), null),
        new EnvVar("PGI_OWNER", owner.orElse(""), null),
        new EnvVar("PGI_MAJOR", instance.getSpec().version().text(), null));
  }

  private static ContainerBuilder container(String name, String image) {
    return new ContainerBuilder()
        .withName(name)
        .withImage(image)
        .withImagePullPolicy("IfNotPresent")
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .withReadOnlyRootFilesystem(true)
        .endSecurityContext()
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .addToVolumeMounts(Mounts.writable(tmp(name), TMP));
  }

  /**
   * The template of the pod, to which the caller may add.
   *
   * @param component value of the label {@code app.kubernetes.io/component}
   * @param scripts name of the ConfigMap with the scripts
   * @param containers made by {@link #script} and {@link #program}
   */
  public PodTemplateSpecBuilder template(
      String component, String scripts, List<Container> containers) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    Map<String, String> id = new TreeMap<>(Map.of(Labels.INSTANCE_ID, Identity.of(snapshot)));
    PodTemplateSpec template =
        new PodTemplateSpecBuilder()
            .withNewMetadata()
            .withLabels(Labels.ofHelper(snapshot.instance(), component))
            .withAnnotations(PodOverlay.annotations(spec, id))
            .endMetadata()
            .withSpec(PodOverlay.podSpec(spec, podSpec(scripts, containers)))
            .build();
    return Optional.ofNullable(store.volume())
        .map(volume -> StoreAffinity.together(template, volume.claimName()))
        .orElse(new PodTemplateSpecBuilder(template));
  }

  private PodSpec podSpec(String scripts, List<Container> containers) {
    StoreAccess access = new StoreAccess(store);
    List<Volume> volumes = new ArrayList<>();
    containers.forEach(container -> volumes.add(Mounts.emptyDir(tmp(container.getName()))));
    volumes.add(
        new VolumeBuilder()
            .withName(SCRIPTS)
            .withNewConfigMap()
            .withName(scripts)
            .endConfigMap()
            .build());
    volumes.addAll(access.volumes());
    return new PodSpecBuilder()
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withServiceAccountName(access.serviceAccountName())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withFsGroupChangePolicy("OnRootMismatch")
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .withContainers(containers)
        .withVolumes(volumes)
        .build();
  }

  private static String tmp(String container) {
    return "tmp-" + container;
  }

  /** The volume with the credentials of the role that makes backups. */
  public Volume login() {
    return new VolumeBuilder()
        .withName(LOGIN)
        .withNewSecret()
        .withSecretName(Names.backupSecret(snapshot.instance()))
        .withDefaultMode(MODE)
        .endSecret()
        .build();
  }

  /** Where scripts and programs expect these credentials. */
  public static VolumeMount loginMount() {
    return Mounts.readOnly(LOGIN, LOGIN_PATH);
  }
}
