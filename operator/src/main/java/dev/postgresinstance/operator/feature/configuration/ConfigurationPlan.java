package dev.postgresinstance.operator.feature.configuration;

import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.feature.configuration.ServerSettings.Login;
import dev.postgresinstance.operator.feature.configuration.ServerSettings.RejectedParameter;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.RestartRequest;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.termination.LastTermination;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
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
 * <p>When a login is rejected before one has succeeded with a configuration, the server gets back
 * the last one that worked. If it rejects the login with that one, too, the cause is elsewhere, and
 * the requested configuration returns.
 *
 * @param first name of the file that the running server reads and the next start tries first
 * @param second name of the file to fall back to
 * @param requested what the spec asks for
 * @param live content of the first file: the requested configuration, unless PostgreSQL rejected it
 * @param working the last configuration that worked
 * @param refusal what PostgreSQL rejected of the requested configuration; empty if nothing
 * @param accepted whether logins are known to be possible with the requested configuration
 */
public record ConfigurationPlan(
    String first,
    String second,
    Configuration requested,
    Configuration live,
    Configuration working,
    Optional<RememberedRefusal> refusal,
    boolean accepted) {

  /** A kubelet may refresh the volume before it has seen the change of the ConfigMap. */
  private static final Duration REFRESH_AGAIN = Duration.ofSeconds(5);

  /** It is stored in an annotation, and a remedy follows it in the status and in an Event. */
  private static final int MAX_REFUSAL_LENGTH = 600;

  /** Begins a refusal that the next login may show to be wrong. Stored on existing objects. */
  private static final String BY_LOGIN = "No login succeeds with it: ";

  private static final List<String> FILES = List.of("a.conf", "b.conf");
  private static final String ORDER = "order";

  /** The plan after what the running server has reported. */
  public static ConfigurationPlan of(Snapshot snapshot, Optional<ServerSettings> settings) {
    Configuration requested = Configuration.of(snapshot);
    Optional<ConfigMap> present = snapshot.get(ObjectKey.CONFIG_MAP);
    List<String> order = order(present, settings);
    Configuration working =
        proven(present, settings)
            .or(() -> present.flatMap(map -> file(map, formerOrder(present).get(1))))
            .orElseGet(() -> Configuration.withoutParameters(snapshot))
            .fitting(snapshot);
    String key = RestartRequest.keyOf(snapshot.instance(), requested.hash());
    Optional<RememberedRefusal> remembered =
        RememberedRefusal.in(present, Labels.REFUSED_CONFIGURATION, key);
    boolean accepted =
        Annotations.get(present, Labels.ACCEPTED_CONFIGURATION)
                .equals(Optional.of(requested.hash()))
            || settings.filter(s -> isAccepted(s, requested, working, remembered)).isPresent();
    Optional<RememberedRefusal> refusal =
        requested.equals(working)
            ? Optional.empty()
            : remembered
                .filter(refused -> !accepted || !isByLogin(remembered))
                .or(
                    () ->
                        LoginTimeout.rejection(snapshot.instance().getSpec())
                            .or(
                                () ->
                                    settings.flatMap(
                                        s -> rejection(s, requested, accepted, snapshot.pod())))
                            .map(message -> new RememberedRefusal(key, message)));
    return new ConfigurationPlan(
        order.get(0),
        order.get(1),
        requested,
        refusal.isPresent() ? working : requested,
        working,
        refusal,
        accepted);
  }

  /** Whether a server that falls back has no parameter of the user, as that of a new instance. */
  boolean fallsBackToDefaults() {
    return working.userParameters().isEmpty();
  }

  /** The keys of the ConfigMap that store the plan. */
  public Map<String, String> data() {
    return Map.of(first, live.text(), second, working.text(), ORDER, first + " " + second + "\n");
  }

  /** The annotations of the ConfigMap that store the plan. */
  public Map<String, String> annotations() {
    Map<String, String> annotations = new TreeMap<>();
    refusal.ifPresent(r -> annotations.putAll(r.annotations(Labels.REFUSED_CONFIGURATION)));
    if (accepted && !requested.equals(working)) {
      annotations.put(Labels.ACCEPTED_CONFIGURATION, requested.hash());
    }
    return annotations;
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
   * If logins are still rejected after a reload took a configuration back, these are all of them.
   */
  public List<String> changedByUser(ServerSettings settings) {
    Map<String, String> next = live.userParameters();
    Optional<Map<String, String>> now =
        Stream.of(working, live)
            .filter(configuration -> configuration.hash().equals(settings.started()))
            .findFirst()
            .map(Configuration::userParameters);
    boolean isStillRejected = isByLogin(refusal) && settings.login() instanceof Login.Rejected;
    return settings.pendingRestart().stream()
        .filter(
            name ->
                isStillRejected
                    || now.map(known -> !Objects.equals(next.get(name), known.get(name)))
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

  private static boolean isByLogin(Optional<RememberedRefusal> refusal) {
    return refusal.filter(refused -> refused.message().startsWith(BY_LOGIN)).isPresent();
  }

  /**
   * Whether a login has succeeded with the requested configuration. Also true if logins are
   * rejected with the fallback, too, and no parameter waits for a restart.
   */
  private static boolean isAccepted(
      ServerSettings settings,
      Configuration requested,
      Configuration fallback,
      Optional<RememberedRefusal> remembered) {
    return settings.acceptsLoginWith(requested.hash())
        || (isByLogin(remembered)
            && settings.rejectionOfLoginWith(fallback.hash()).isPresent()
            && settings.pendingRestart().isEmpty());
  }

  /** The configuration with which the running server started and accepts logins. */
  private static Optional<Configuration> proven(
      Optional<ConfigMap> present, Optional<ServerSettings> settings) {
    return settings
        .filter(server -> server.loaded().equals(server.started()))
        .filter(server -> !(server.login() instanceof Login.Rejected))
        .flatMap(
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
      ServerSettings settings, Configuration requested, boolean accepted, Optional<Pod> pod) {
    if (settings.rejectedAtStart().equals(requested.hash())) {
      String why =
          settings.objections().isEmpty()
              ? LastTermination.describe(pod)
              : LastTermination.shorten(settings.objections());
      return Optional.of("The server did not start with it: " + why);
    }
    Optional<String> byLogin = settings.rejectionOfLoginWith(requested.hash());
    if (byLogin.isPresent() && !accepted) {
      return byLogin.map(message -> Text.abbreviate(BY_LOGIN + message, MAX_REFUSAL_LENGTH));
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
