package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.operator.feature.configuration.ServerSettings.RefusedParameter;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.LastTermination;
import dev.postgresinstance.operator.instance.RememberedRefusal;
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
 * Which configuration the server is to have, and which it falls back to.
 *
 * <p>There are two files. The running server reads one of them at its start and at each reload; the
 * other one holds the last configuration that worked, which means that a server started with it and
 * took a login. A start tries the first one and, when that server ended without having been proven,
 * the second one. Then it is the second one that the running server reads, and they change places.
 *
 * @param first name of the file that the running server reads and the next one tries first
 * @param second name of the file to fall back to
 * @param asked what the spec asks for
 * @param live what the first file holds: what was asked for, unless PostgreSQL has refused it
 * @param working the last that worked
 * @param refusal what PostgreSQL has refused of what is asked for now
 */
public record ConfigurationPlan(
    String first,
    String second,
    Configuration asked,
    Configuration live,
    Configuration working,
    Optional<RememberedRefusal> refusal) {

  /** A kubelet may look before it has heard of the change. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private static final List<String> FILES = List.of("a.conf", "b.conf");
  private static final String ORDER = "order";

  /** The plan after what the running server has said. */
  public static ConfigurationPlan of(Snapshot snapshot, Optional<ServerSettings> settings) {
    Configuration asked = Configuration.of(snapshot.instance().getSpec());
    Optional<ConfigMap> present = snapshot.configMap();
    List<String> order = order(present, settings);
    Configuration working =
        proven(present, settings)
            .or(() -> present.flatMap(map -> file(map, formerOrder(present).get(1))))
            .orElseGet(() -> Configuration.withoutParameters(snapshot.instance().getSpec()));
    String key = RememberedRefusal.key(snapshot, asked.hash());
    Optional<RememberedRefusal> refusal =
        asked.equals(working)
            ? Optional.empty()
            : RememberedRefusal.in(present, Labels.REFUSED_CONFIGURATION, key)
                .or(
                    () ->
                        settings
                            .flatMap(s -> words(s, asked, snapshot.pod()))
                            .map(words -> new RememberedRefusal(key, words)));
    return new ConfigurationPlan(
        order.get(0), order.get(1), asked, refusal.isPresent() ? working : asked, working, refusal);
  }

  /** What the ConfigMap holds of it. */
  public Map<String, String> data() {
    return Map.of(first, live.text(), second, working.text(), ORDER, first + " " + second + "\n");
  }

  /** What the ConfigMap's annotations hold of it. */
  public Map<String, String> annotations() {
    return refusal.map(r -> r.annotations(Labels.REFUSED_CONFIGURATION)).orElse(Map.of());
  }

  /** What the server is to load. */
  public String expected() {
    return live.hash();
  }

  /** What the ConfigMap as it is has the server load; empty while there is none. */
  public static String expected(Snapshot snapshot) {
    return snapshot
        .configMap()
        .flatMap(map -> file(map, formerOrder(snapshot.configMap()).getFirst()))
        .map(Configuration::hash)
        .orElse("");
  }

  /** What the pod's annotation is to say, so that the kubelet looks for it again and again. */
  public String pointer(Instant now) {
    return expected() + "@" + now.getEpochSecond() / LOOK_AGAIN.toSeconds();
  }

  /**
   * The parameters that wait for a restart because the user has changed them, other than those that
   * only a new version of the operator would have otherwise. Where nobody knows any more what the
   * server started with, because the ConfigMap was deleted, they are those that the user sets.
   */
  public List<String> changedByUser(ServerSettings settings) {
    Map<String, String> next = live.ofUser();
    Optional<Map<String, String>> now =
        Stream.of(working, live)
            .filter(configuration -> configuration.hash().equals(settings.started()))
            .findFirst()
            .map(Configuration::ofUser);
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
        .map(map -> map.getData().get(ORDER))
        .map(order -> List.of(order.strip().split(" ")))
        .filter(order -> order.size() == FILES.size() && order.containsAll(FILES))
        .orElse(FILES);
  }

  /** The configuration with which the server that takes logins started. */
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

  private static Optional<String> words(
      ServerSettings settings, Configuration asked, Optional<Pod> pod) {
    if (settings.refusedAtStart().equals(asked.hash())) {
      return Optional.of(
          "The server did not start with it: "
              + LastTermination.of(pod.flatMap(LastTermination::ended)));
    }
    return settings.onDisk().equals(asked.hash()) && !settings.refused().isEmpty()
        ? Optional.of(
            settings.refused().stream()
                .map(RefusedParameter::toString)
                .collect(Collectors.joining("; ")))
        : Optional.empty();
  }
}
