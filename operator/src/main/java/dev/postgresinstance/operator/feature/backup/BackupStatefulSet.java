package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.operator.archive.program.ship.Shipper;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.feature.backup.claim.BackupClaim;
import dev.postgresinstance.operator.feature.backup.pod.HelperPod;
import dev.postgresinstance.operator.feature.backup.pod.Mounts;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What archives the write-ahead log: a StatefulSet, because it never has two pods at a time. The
 * container {@code receiver} writes the log to a spool, the container {@code shipper} uploads it.
 * Without a volume for the archive, the spool lives as long as the pod: the server keeps what is
 * not uploaded.
 */
final class BackupStatefulSet {

  private static final String COMPONENT = "backup";
  private static final String SPOOL = "spool";
  private static final String SPOOL_PATH = "/spool";
  private static final long SPOOL_PART = 8;
  private static final long MOST = 1L << 30;

  private BackupStatefulSet() {}

  /**
   * The StatefulSet as it should be. It has no pod while there is no server.
   *
   * @param image the image of the server
   * @param program the image of the operator
   */
  static StatefulSet desired(Snapshot snapshot, String image, String program) {
    return new StatefulSetBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.backupStatefulSet(snapshot.instance()), COMPONENT).build())
        .withNewSpec()
        .withReplicas(snapshot.suspended() ? 0 : 1)
        .withServiceName(Names.service(snapshot.instance()))
        .withNewSelector()
        .withMatchLabels(selector(snapshot))
        .endSelector()
        .withTemplate(template(snapshot, image, program))
        .endSpec()
        .build();
  }

  private static Map<String, String> selector(Snapshot snapshot) {
    Map<String, String> labels = new TreeMap<>(Labels.ofHelper(snapshot.instance(), COMPONENT));
    labels.keySet().retainAll(List.of(Labels.HELPER_OF, "app.kubernetes.io/component"));
    return labels;
  }

  /** A changed script starts another pod; a changed Secret is read again by the programs. */
  private static PodTemplateSpec template(Snapshot snapshot, String image, String program) {
    BackupSpec spec = snapshot.instance().getSpec().backup();
    HelperPod pod = new HelperPod(snapshot, BackupClaim.archive(snapshot.instance()));
    Container receiver =
        withSpool(pod, pod.script("receiver", image, BackupConfigMap.RECEIVE))
            .addAllToEnv(
                Boolean.TRUE.equals(spec.wal().synchronous())
                    ? List.of(new EnvVar("PGI_SYNCHRONOUS", "true", null))
                    : List.of())
            .addToVolumeMounts(HelperPod.loginMount())
            .build();
    Container shipper =
        withSpool(pod, pod.program("shipper", program, Shipper.class.getName()))
            .addToEnv(
                new EnvVar(
                    "PGI_UPLOAD_INTERVAL",
                    Long.toString(Duration.parse("PT" + spec.wal().uploadInterval()).toSeconds()),
                    null))
            .addAllToEnv(limit(spec))
            .addToVolumeMounts(HelperPod.loginMount())
            .build();
    return pod.template(
            COMPONENT, Names.backupConfigMap(snapshot.instance()), List.of(receiver, shipper))
        .editMetadata()
        .addToAnnotations(
            Labels.CONFIGURATION, Hashes.brief(BackupConfigMap.desired(snapshot).toString()))
        .endMetadata()
        .editSpec()
        .addAllToVolumes(isOnVolume(pod) ? List.of() : List.of(Mounts.emptyDir(SPOOL)))
        .addToVolumes(pod.login())
        .endSpec()
        .build();
  }

  private static boolean isOnVolume(HelperPod pod) {
    return pod.store().volume() != null;
  }

  /** On a volume, the spool is on it as well: what a commit has waited for must be durable. */
  private static ContainerBuilder withSpool(HelperPod pod, ContainerBuilder container) {
    return isOnVolume(pod)
        ? pod.withWritableStore(container)
            .addToEnv(new EnvVar("PGI_SPOOL", HelperPod.spool(pod.snapshot()), null))
        : container.addToVolumeMounts(Mounts.writable(SPOOL, SPOOL_PATH));
  }

  /** The spool must not take the space of the archive. */
  private static List<EnvVar> limit(BackupSpec spec) {
    return Stream.ofNullable(spec.store().volume())
        .map(volume -> volume.size().getNumericalAmount().longValue() / SPOOL_PART)
        .map(bytes -> new EnvVar("PGI_SPOOL_LIMIT", Long.toString(Math.min(bytes, MOST)), null))
        .toList();
  }
}
