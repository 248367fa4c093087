package dev.postgresinstance.operator.feature.server;

import dev.postgresinstance.api.v1alpha1.PodSettings;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
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

/** What {@code spec.pod} says, brought to the pod template. Empty values are as those not set. */
public final class PodOverlay {

  /** User and group of the server in every image, so that the image's family can change. */
  public static final int UID = 999;

  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
  private static final PodSettings NOTHING =
      new PodSettings(null, null, null, null, null, null, null, null);
  private static final Affinity NO_AFFINITY = new Affinity();

  private PodOverlay() {}

  /** User and group of the server, and group of its volume. */
  public static int runAsUser(PostgresInstanceSpec spec) {
    return Optional.ofNullable(settings(spec).runAsUser()).orElse(UID);
  }

  /** Labels of the pod; those by which we and others find it count more than the user's. */
  static Map<String, String> labels(PostgresInstanceSpec spec, Map<String, String> ours) {
    return merged(settings(spec).labels(), ours);
  }

  /** Annotations of the pod, as {@link #labels}. */
  static Map<String, String> annotations(PostgresInstanceSpec spec, Map<String, String> ours) {
    return merged(settings(spec).annotations(), ours);
  }

  /** The pod's spec with all else that is asked for. */
  static PodSpec podSpec(PostgresInstanceSpec spec, PodSpec pod) {
    PodSettings asked = settings(spec);
    long user = runAsUser(spec);
    return new PodSpecBuilder(pod)
        .withNodeSelector(asked.nodeSelector())
        .withTolerations(asked.tolerations())
        .withAffinity(NO_AFFINITY.equals(asked.affinity()) ? null : asked.affinity())
        .withPriorityClassName(
            isEmpty(asked.priorityClassName()) ? null : asked.priorityClassName())
        .withImagePullSecrets(asked.imagePullSecrets())
        .editSecurityContext()
        .withRunAsUser(user)
        .withRunAsGroup(user)
        .withFsGroup(user)
        .endSecurityContext()
        .build();
  }

  /**
   * What is asked for and only a restart brings, as a text to be hashed; empty when nothing is. Not
   * the imagePullSecrets: the image of a pod that runs is on its node already. Where a pod waits
   * for its image, no server runs in it, and it makes room for any other template. Nor runAsUser,
   * which cannot change, but may be said where it was the default.
   */
  static Optional<String> toRestartFor(PostgresInstanceSpec spec) {
    Map<?, ?> fields = SERIALIZATION.convertValue(settings(spec), Map.class);
    Map<Object, Object> asked = new TreeMap<>(fields);
    asked.keySet().removeAll(Set.of("imagePullSecrets", "runAsUser"));
    asked.values().removeIf(PodOverlay::isEmpty);
    return asked.isEmpty() ? Optional.empty() : Optional.of("pod" + sorted(asked));
  }

  private static PodSettings settings(PostgresInstanceSpec spec) {
    return Optional.ofNullable(spec.pod()).orElse(NOTHING);
  }

  private static Map<String, String> merged(Map<String, String> asked, Map<String, String> ours) {
    Map<String, String> merged = new TreeMap<>(Optional.ofNullable(asked).orElse(Map.of()));
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

  /** The same text whatever the order in which maps were written. */
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
