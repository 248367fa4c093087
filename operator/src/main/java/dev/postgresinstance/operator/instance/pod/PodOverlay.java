package dev.postgresinstance.operator.instance.pod;

import dev.postgresinstance.api.v1alpha1.PodSettings;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.instance.ServerUser;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Applies {@code spec.pod} to a pod template. Empty values count as unset. */
public final class PodOverlay {

  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
  private static final PodSettings NOTHING =
      new PodSettings(null, null, null, null, null, null, null, null);
  private static final Affinity NO_AFFINITY = new Affinity();

  private PodOverlay() {}

  /** Labels of the pod; the operator's own labels override those of the user. */
  public static Map<String, String> labels(PostgresInstanceSpec spec, Map<String, String> ours) {
    return merged(settings(spec).labels(), ours);
  }

  /** Annotations of the pod; the operator's own annotations override those of the user. */
  public static Map<String, String> annotations(
      PostgresInstanceSpec spec, Map<String, String> ours) {
    return merged(settings(spec).annotations(), ours);
  }

  /** The pod's spec with the other settings. */
  public static PodSpec podSpec(PostgresInstanceSpec spec, PodSpec pod) {
    PodSettings requested = settings(spec);
    long user = ServerUser.id(spec);
    return new PodSpecBuilder(pod)
        .withNodeSelector(requested.nodeSelector())
        .withTolerations(requested.tolerations())
        .withAffinity(NO_AFFINITY.equals(requested.affinity()) ? null : requested.affinity())
        .withPriorityClassName(
            isEmpty(requested.priorityClassName()) ? null : requested.priorityClassName())
        .withImagePullSecrets(requested.imagePullSecrets())
        .editSecurityContext()
        .withRunAsUser(user)
        .withRunAsGroup(user)
        .withFsGroup(user)
        .endSecurityContext()
        .build();
  }

  /**
   * The settings that take effect by a restart, as a text to be hashed; empty when none is set.
   * Without imagePullSecrets: the image of a running pod is on its node already, and a pod that
   * waits for its image is replaced for any change of the template. Without runAsUser, which cannot
   * change but may be set to what was the default.
   */
  public static Optional<String> restartText(PostgresInstanceSpec spec) {
    if (spec.pod() == null) {
      return Optional.empty();
    }
    Map<?, ?> fields = SERIALIZATION.convertValue(spec.pod(), Map.class);
    Map<Object, Object> requested = new TreeMap<>(fields);
    requested.keySet().removeAll(Set.of("imagePullSecrets", "runAsUser"));
    requested.values().removeIf(PodOverlay::isEmpty);
    return requested.isEmpty() ? Optional.empty() : Optional.of("pod" + sorted(requested));
  }

  private static PodSettings settings(PostgresInstanceSpec spec) {
    return Optional.ofNullable(spec.pod()).orElse(NOTHING);
  }

  private static Map<String, String> merged(
      Map<String, String> requested, Map<String, String> ours) {
    Map<String, String> merged = new TreeMap<>(Optional.ofNullable(requested).orElse(Map.of()));
    merged.putAll(ours);
    return merged;
  }

  private static boolean isEmpty(Object value) {
    return switch (value) {
      case null -> true;
      case String text -> text.isEmpty();
      case Map<?, ?> map -> map.isEmpty();
      case Collection<?> list -> list.isEmpty();
      default -> false;
    };
  }

  /** A text that does not depend on the order of keys. */
  private static String sorted(Object value) {
    return switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> entry.getKey() + "=" + sorted(entry.getValue()))
              .sorted()
              .collect(Collectors.joining(",", "{", "}"));
      case List<?> list ->
          list.stream().map(PodOverlay::sorted).collect(Collectors.joining(",", "[", "]"));
      default -> String.valueOf(value);
    };
  }
}
