package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks what an instance that does not come up is waiting for. Quotas, admission, provisioners and
 * kubelets say why they refuse in events only. Nobody is asked about an instance that works.
 */
final class SchedulingEvidenceReader {

  private static final Logger log = LoggerFactory.getLogger(SchedulingEvidenceReader.class);

  private static final String FAILED_CREATE = "FailedCreate";

  /** A pod's volume is there by then, where nothing hinders it. */
  private static final Duration SOON = Duration.ofSeconds(5);

  /** A kubelet says again what it says for less than two and a half minutes. */
  private static final Duration HOLDS = Duration.ofMinutes(3);

  private static final Duration AFTER_REFUSAL = Duration.ofMinutes(1);

  /**
   * An object has a dozen: similar ones are put together, and all go after an hour. Of more, which
   * somebody else has made, the first by name are read, as a rule the oldest; one that is told
   * again keeps its name.
   */
  private static final long MOST = 50;

  private final KubernetesClient client;
  private final Nodes nodes;

  /** When events were refused to be told, by namespace: rights differ from one to the other. */
  private final Map<String, Instant> refused = new ConcurrentHashMap<>();

  SchedulingEvidenceReader(KubernetesClient client, Nodes nodes) {
    this.client = client;
    this.nodes = nodes;
  }

  /** What is to be learnt of that instance; nothing where all goes well. */
  SchedulingEvidence evidence(Snapshot snapshot, LoginResult login, Instant now) {
    return new SchedulingEvidence(
        snapshot.pod().isPresent() || snapshot.suspended()
            ? Optional.empty()
            : snapshot.statefulSet().flatMap(this::podRefusal),
        snapshot
            .claim()
            .filter(
                claim ->
                    snapshot
                        .pod()
                        .flatMap(pod -> PodState.refused(pod, "PodScheduled"))
                        .isPresent())
            .filter(claim -> "Pending".equals(claim.getStatus().getPhase()))
            .flatMap(claim -> newest(claim, event -> "Warning".equals(event.getType())))
            .map(Event::getMessage),
        snapshot.pod().filter(pod -> waitsForVolume(pod, now)).flatMap(pod -> volume(pod, now)),
        snapshot.pod().filter(pod -> isSuspicious(pod, login)).flatMap(this::lostNode));
  }

  /** The latest attempt counts: a failure before a pod that was made tells of nothing now. */
  private Optional<String> podRefusal(HasMetadata statefulSet) {
    Set<String> attempts = Set.of(FAILED_CREATE, "SuccessfulCreate");
    return newest(statefulSet, event -> attempts.contains(event.getReason()))
        .filter(event -> FAILED_CREATE.equals(event.getReason()))
        .map(event -> event.getMessage().replaceFirst("(?i)^create pod .* failed error: ", ""));
  }

  private Optional<String> volume(Pod pod, Instant now) {
    Set<String> failures = Set.of("FailedMount", "FailedAttachVolume");
    return newest(pod, event -> failures.contains(event.getReason()))
        .filter(event -> time(event).plus(HOLDS).isAfter(now))
        .map(Event::getMessage);
  }

  private Optional<LostNode> lostNode(Pod pod) {
    return Optional.ofNullable(pod.getSpec().getNodeName()).flatMap(nodes::lost);
  }

  /** A node that is gone takes its pod's readiness with it, and ends no pod. */
  private static boolean isSuspicious(Pod pod, LoginResult login) {
    boolean answers =
        login instanceof LoginResult.LoggedIn || login instanceof LoginResult.LoginRejected;
    return !answers
        && (pod.getMetadata().getDeletionTimestamp() != null
            || PodState.trueSince(pod, "Ready").isEmpty());
  }

  private static boolean waitsForVolume(Pod pod, Instant now) {
    boolean ran =
        pod.getStatus().getContainerStatuses().stream()
            .map(ContainerStatus::getState)
            .anyMatch(state -> state.getRunning() != null || state.getTerminated() != null);
    return !ran
        && PodState.trueSince(pod, "PodScheduled")
            .filter(scheduled -> scheduled.plus(SOON).isBefore(now))
            .isPresent();
  }

  private Optional<Event> newest(HasMetadata about, Predicate<Event> isAsked) {
    String namespace = about.getMetadata().getNamespace();
    Instant before = refused.getOrDefault(namespace, Instant.MIN);
    if (before.isAfter(Instant.now().minus(AFTER_REFUSAL))) {
      return Optional.empty();
    }
    try {
      return client
          .v1()
          .events()
          .inNamespace(namespace)
          .withField("involvedObject.kind", about.getKind())
          .withField("involvedObject.name", about.getMetadata().getName())
          .withField("involvedObject.uid", about.getMetadata().getUid())
          .list(new ListOptionsBuilder().withLimit(MOST).build())
          .getItems()
          .stream()
          .filter(isAsked)
          .max(Comparator.comparing(SchedulingEvidenceReader::time));
    } catch (KubernetesClientException e) {
      if (Abort.isLasting(e)) {
        refused.put(namespace, Instant.now());
      }
      log.info("events are not known, the status says less: {}", Abort.inShort(e));
      return Optional.empty();
    }
  }

  /** When it happened last; there are three generations of events. */
  private static Instant time(Event event) {
    return Optional.ofNullable(event.getLastTimestamp())
        .or(() -> Optional.ofNullable(event.getEventTime()).map(MicroTime::getTime))
        .or(() -> Optional.ofNullable(event.getMetadata().getCreationTimestamp()))
        .map(Instant::parse)
        .orElse(Instant.MIN);
  }
}
