package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.feature.configuration.ServerSettings.RejectedParameter;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.LastTermination;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.RestartRequest;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which configuration the server should have, and which one it falls back to.
 *
 * <p>There are two files. The running server reads the first one at its start and at each reload;
 * the second one holds the last configuration that worked, which means that a server started with
 * it and accepted a login. A start tries the first file and, when that server ended before it was
 * proven, the second one. Then the running server reads the second file, and the two change places.
 *
 * @param first name of the file that the running server reads and the next start tries first
 * @param second name of the file to fall back to
 * @param requested what the spec asks for
 * @param live content of the first file: the requested configuration, unless PostgreSQL rejected it
 * @param working the last configuration that worked
 * @param refusal what PostgreSQL rejected of the requested configuration; empty if nothing
 */
public record ConfigurationPlan(
    String first,
    String second,
    Configuration requested,
    Configuration live,
    Configuration working,
    Optional<RememberedRefusal> refusal) {

  /** A kubelet may refresh the volume before it has seen the change of the ConfigMap. */
  private static final Duration REFRESH_AGAIN = Duration.ofSeconds(5);

  /** It is stored in an annotation, and a remedy follows it in the status and in an Event. */
  private static final int MAX_REFUSAL_LENGTH = 600;

  private static final List<String> FILES = List.of("a.conf", "b.conf");
  private static final String ORDER = "order";

  /** The plan after what the running server has reported. */
  public static ConfigurationPlan of(Snapshot snapshot, Optional<ServerSettings> settings) {
    Configuration requested = Configuration.of(snapshot.instance().getSpec());
    Optional<ConfigMap> present = snapshot.get(ObjectKey.CONFIG_MAP);
    List<String> order = order(present, settings);
    Configuration working =
        proven(present, settings)
            .or(() -> present.flatMap(map -> file(map, formerOrder(present).get(1))))
            .orElseGet(() -> Configuration.withoutParameters(snapshot.instance().getSpec()));
    String key = RestartRequest.keyOf(snapshot.instance(), requested.hash());
    Optional<RememberedRefusal> refusal =
        requested.equals(working)
            ? Optional.empty()
            : RememberedRefusal.in(present, Labels.REFUSED_CONFIGURATION, key)
                .or(
                    () ->
                        settings
                            .flatMap(s -> rejection(s, requested, snapshot.pod()))
                            .map(message -> new RememberedRefusal(key, message)));
    return new ConfigurationPlan(
        order.get(0),
        order.get(1),
        requested,
        refusal.isPresent() ? working : requested,
        working,
        refusal);
  }

  /** The keys of the ConfigMap that store the plan. */
  public Map<String, String> data() {
    return Map.of(first, live.text(), second, working.text(), ORDER, first + " " + second + "\n");
  }

  /** The annotations of the ConfigMap that store the plan. */
  public Map<String, String> annotations() {
    return refusal.map(r -> r.annotations(Labels.REFUSED_CONFIGURATION)).orElse(Map.of());
  }

  /** Hash of the configuration that the server is to load. */
  public String expected() {
    return live.hash();
  }

  /** Hash of the configuration in the present ConfigMap; empty while there is none. */
  public static String expected(Snapshot snapshot) {
    Optional<ConfigMap> present = snapshot.get(ObjectKey.CONFIG_MAP);
    return present
        .flatMap(map -> file(map, formerOrder(present).getFirst()))
        .map(Configuration::hash)
        .orElse("");
  }

  /**
   * Value of the pod's annotation that makes the kubelet refresh the volume; it changes every few
   * seconds until the server sees the configuration.
   */
  public String refreshAnnotation(Instant now) {
    return expected() + "@" + now.getEpochSecond() / REFRESH_AGAIN.toSeconds();
  }

  /**
   * The parameters that wait for a restart because the user has changed them, without those that
   * only a new version of the operator sets differently. Where it is not known what the server
   * started with, because the ConfigMap was deleted, these are all parameters that the user sets.
   */
  public List<String> changedByUser(ServerSettings settings) {
    Map<String, String> next = live.userParameters();
    Optional<Map<String, String>> now =
        Stream.of(working, live)
            .filter(configuration -> configuration.hash().equals(settings.started()))
            .findFirst()
            .map(Configuration::userParameters);
    return settings.pendingRestart().stream()
        .filter(
            name ->
                now.map(known -> !Objects.equals(next.get(name), known.get(name)))
                    .orElse(next.containsKey(name)))
        .toList();
  }

  private static List<String> order(
      Optional<ConfigMap> present, Optional<ServerSettings> settings) {
    List<String> former = formerOrder(present);
    return settings.map(ServerSettings::file).filter(former.get(1)::equals).isPresent()
        ? former.reversed()
        : former;
  }

  private static List<String> formerOrder(Optional<ConfigMap> present) {
    return present
        .map(ConfigMap::getData)
        .map(data -> data.get(ORDER))
        .map(order -> List.of(order.strip().split(" ")))
        .filter(order -> order.size() == FILES.size() && order.containsAll(FILES))
        .orElse(FILES);
  }

  /** The configuration with which the running server started; it accepted a login. */
  private static Optional<Configuration> proven(
      Optional<ConfigMap> present, Optional<ServerSettings> settings) {
    return settings.flatMap(
        server ->
            FILES.stream()
                .flatMap(file -> present.flatMap(map -> file(map, file)).stream())
                .filter(configuration -> configuration.hash().equals(server.started()))
                .findFirst());
  }

  private static Optional<Configuration> file(ConfigMap configMap, String name) {
    return Optional.ofNullable(configMap.getData())
        .map(data -> data.get(name))
        .map(Configuration::new);
  }

  private static Optional<String> rejection(
      ServerSettings settings, Configuration requested, Optional<Pod> pod) {
    if (settings.rejectedAtStart().equals(requested.hash())) {
      return Optional.of("The server did not start with it: " + LastTermination.describe(pod));
    }
    return settings.onDisk().equals(requested.hash()) && !settings.rejected().isEmpty()
        ? Optional.of(
            Text.abbreviate(
                settings.rejected().stream()
                    .map(RejectedParameter::toString)
                    .collect(Collectors.joining("; ")),
                MAX_REFUSAL_LENGTH))
        : Optional.empty();
  }
}
