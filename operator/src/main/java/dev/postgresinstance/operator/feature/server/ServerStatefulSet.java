package dev.postgresinstance.operator.feature.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.common.TextResource;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.data.OpenConsent;
import dev.postgresinstance.operator.feature.image.ImagePlan;
import dev.postgresinstance.operator.feature.restore.Restore;
import dev.postgresinstance.operator.feature.tls.TlsServerPart;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.RestartRequest;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.pod.PodOverlay;
import dev.postgresinstance.operator.instance.pod.RolloutRestart;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The StatefulSet of one replica, or none, that runs the server. Its volume is a separate claim,
 * because a claim template cannot be resized.
 */
public final class ServerStatefulSet {

  /** Without discovery of kinds: loading all that fabric8 has takes megabytes. */
  private static final KubernetesSerialization JSON =
      new KubernetesSerialization(
          new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS), false);

  /** As JSON, which is parsed in each reconciliation, ten times as fast as YAML. */
  private static final String FIXED_PART =
      JSON.asJson(
          JSON.unmarshal(
              TextResource.read(ServerStatefulSet.class, "statefulset.yaml"), StatefulSet.class));

  private static final BigDecimal NANO = BigDecimal.valueOf(1, 9);

  private ServerStatefulSet() {}

  /**
   * The StatefulSet as it should be.
   *
   * @param record what is known of the data; with a record the start script initializes no volume
   */
  public static StatefulSet desired(
      Snapshot snapshot, ImagePlan image, Optional<DataRecord> record) {
    StatefulSet fixed = JSON.unmarshal(named(snapshot), StatefulSet.class);
    return new StatefulSetBuilder(fixed)
        .withMetadata(
            Labels.owned(snapshot, Names.statefulSet(snapshot.instance()), "database")
                .addToAnnotations(
                    image.refusal().map(r -> r.annotations(Labels.REFUSED_IMAGE)).orElse(Map.of()))
                .addToAnnotations(Labels.ROLLOUT_RESTART, RolloutRestart.settled(snapshot))
                .build())
        .editSpec()
        .withReplicas(snapshot.suspended() ? 0 : 1)
        .withServiceName(Names.service(snapshot.instance()))
        .withNewSelector()
        .withMatchLabels(Labels.selector(snapshot.instance()))
        .endSelector()
        .withTemplate(template(snapshot, image, record, fixed.getSpec().getTemplate()))
        .endSpec()
        .build();
  }

  private static String named(Snapshot snapshot) {
    PostgresInstance instance = snapshot.instance();
    return FIXED_PART
        .replace("$claim", snapshot.claimName())
        .replace("$configMap", Names.configMap(instance))
        .replace("$operatorSecret", Names.operatorSecret(instance));
  }

  private static PodTemplateSpec template(
      Snapshot snapshot, ImagePlan image, Optional<DataRecord> record, PodTemplateSpec fixed) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    PodTemplateSpec template =
        new PodTemplateSpecBuilder(fixed)
            .withNewMetadata()
            .withLabels(PodOverlay.labels(spec, Labels.of(snapshot.instance(), "database")))
            .withAnnotations(
                PodOverlay.annotations(spec, Map.of(Labels.INSTANCE_ID, Identity.of(snapshot))))
            .endMetadata()
            .withSpec(PodOverlay.podSpec(spec, fixed.getSpec()))
            .editSpec()
            .addAllToVolumes(TlsServerPart.volumes(snapshot))
            .withContainers(container(snapshot, image, fixed))
            .endSpec()
            .build();
    String hash = Hashes.brief(JSON.asJson(template));
    // What follows is not part of the hash: neither a record of the data, nor a requested restart,
    // nor another notation of the spec makes a pod outdated.
    String systemIdentifier = record.map(DataRecord::systemIdentifier).orElse("");
    Map<String, String> annotations =
        new TreeMap<>(
            Map.of(
                Labels.TEMPLATE_HASH, hash,
                Labels.RESTART_HASH, restartHash(spec),
                Labels.TEMPLATE_IMAGE, image.image(),
                Labels.ASKED_IMAGE, Optional.ofNullable(spec.image()).orElse("")));
    RestartRequest.of(snapshot.instance())
        .ifPresent(value -> annotations.put(Labels.RESTART, value));
    return new PodTemplateSpecBuilder(template)
        .editMetadata()
        .addToAnnotations(annotations)
        .endMetadata()
        .editSpec()
        .editFirstContainer()
        .addToEnv(new EnvVar("PGI_SYSTEM_IDENTIFIER", systemIdentifier, null))
        .addAllToEnv(OpenConsent.variables(snapshot))
        .addAllToEnv(Restore.variables(snapshot))
        .endContainer()
        .endSpec()
        .build();
  }

  private static Container container(Snapshot snapshot, ImagePlan image, PodTemplateSpec fixed) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    return new ContainerBuilder(fixed.getSpec().getContainers().getFirst())
        .withImage(image.image())
        .withCommand("/bin/bash", Names.CONFIG_PATH + "/" + ServerConfigMap.START_KEY)
        .withArgs(InitdbArguments.of(spec))
        .withEnv(
            new EnvVar("PGI_MAJOR", spec.version().text(), null),
            new EnvVar("PGI_INSTANCE_ID", Identity.of(snapshot), null))
        .withResources(spec.resources())
        .addAllToVolumeMounts(TlsServerPart.mounts(snapshot))
        .build();
  }

  /**
   * A hash of the spec, not of what this version renders from it, so that a new version of the
   * operator restarts nothing. For the same reason the hashed text must never change for an
   * unchanged spec: a new field adds to it only where it is set. Without the image, which may be
   * the same under another name.
   */
  private static String restartHash(PostgresInstanceSpec spec) {
    return Hashes.brief(
        String.join(
                "\n",
                spec.version().text(),
                "requests" + amounts(spec.resources().getRequests()),
                "limits" + amounts(spec.resources().getLimits()))
            + PodOverlay.restartText(spec).map(pod -> "\n" + pod).orElse(""));
  }

  /** The amounts, independent of order and notation. */
  private static Map<String, String> amounts(Map<String, Quantity> quantities) {
    Map<String, String> amounts = new TreeMap<>();
    Optional.ofNullable(quantities)
        .orElse(Map.of())
        .forEach((name, quantity) -> amounts.put(name, amount(quantity.getNumericalAmount())));
    return amounts;
  }

  /**
   * Kubernetes rounds smaller amounts up to a nano; as numbers they may have millions of digits.
   */
  private static String amount(BigDecimal amount) {
    return (amount.signum() == 0 ? amount : amount.max(NANO)).stripTrailingZeros().toPlainString();
  }
}
