package dev.postgresinstance.operator.kubernetes.cluster;

import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.PodState;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.SchedulingEvidence.LostNode;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ApiErrors;
import dev.postgresinstance.operator.sql.LoginResult;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads why the server of an instance, or a Job, does not start. Quotas, admission controllers,
 * provisioners and kubelets report their reasons only in events. For an instance that works,
 * nothing is read.
 */
public final class SchedulingEvidenceReader {

  private static final Logger log = LoggerFactory.getLogger(SchedulingEvidenceReader.class);

  private static final String FAILED_CREATE = "FailedCreate";

  /** What a StatefulSet or a Job writes before the message of the API server. */
  private static final Pattern CREATION =
      Pattern.compile("(?i)^(create pod .* failed error|error creating): ");

  /** Set by the scheduler when the provisioner shall create the volume for a node. */
  private static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

  /** Without a problem, the volume of a scheduled pod is mounted within this time. */
  private static final Duration MOUNT_TIME = Duration.ofSeconds(5);

  /** A kubelet repeats the event of a lasting problem at least every two and a half minutes. */
  private static final Duration EVENT_VALIDITY = Duration.ofMinutes(3);

  /**
   * Maximum number of events that are read for an object. Usually it has about a dozen, because
   * similar events are aggregated and all expire after an hour. If others created more, the first
   * ones by name are read, which are usually the oldest; an event that repeats keeps its name.
   */
  private static final long MAX_EVENTS = 50;

  private final KubernetesClient client;
  private final Nodes nodes;

  private final Denials denials = new Denials();

  /** Creates a reader that shares the checks of nodes with other users of {@code nodes}. */
  public SchedulingEvidenceReader(KubernetesClient client, Nodes nodes) {
    this.client = client;
    this.nodes = nodes;
  }

  /** Reads the evidence for an instance; empty if there is no problem. */
  public SchedulingEvidence evidence(Snapshot snapshot, LoginResult login, Instant now) {
    Optional<Pod> awaited = snapshot.awaitedPod();
    return new SchedulingEvidence(
        awaited.isPresent() || snapshot.suspended()
            ? Optional.empty()
            : creator(snapshot).flatMap(this::podRefusal),
        snapshot
            .get(ObjectKey.CLAIM)
            .filter(claim -> awaited.filter(pod -> waitsForClaim(pod, claim)).isPresent())
            .filter(claim -> "Pending".equals(claim.getStatus().getPhase()))
            .flatMap(claim -> newest(claim, event -> "Warning".equals(event.getType())))
            .map(Event::getMessage),
        awaited.filter(pod -> waitsForVolume(pod, now)).flatMap(pod -> volume(pod, now)),
        awaited.filter(pod -> mayBeOnLostNode(pod, login)).flatMap(this::lostNode));
  }

  /** What creates the pod for which the instance waits: a restore, and after it the StatefulSet. */
  private static Optional<HasMetadata> creator(Snapshot snapshot) {
    Optional<HasMetadata> restore = snapshot.get(ObjectKey.RESTORE_JOB).map(job -> job);
    return snapshot
        .get(ObjectKey.STATEFUL_SET)
        .filter(set -> restore.isEmpty() || set.getSpec().getReplicas() != 0)
        .<HasMetadata>map(set -> set)
        .or(() -> restore);
  }

  /**
   * Reads why a Job has no pod, or why its pod does not start; empty if there is no problem.
   *
   * @param active the pods of the Job that have not ended
   */
  public SchedulingEvidence evidence(Job job, List<Pod> active, Instant now) {
    return new SchedulingEvidence(
        active.isEmpty() ? podRefusal(job) : Optional.empty(),
        Optional.empty(),
        active.stream()
            .filter(pod -> waitsForVolume(pod, now))
            .findFirst()
            .flatMap(pod -> volume(pod, now)),
        Optional.empty());
  }

  /** Only the latest attempt counts: a failure before a successful creation is obsolete. */
  private Optional<String> podRefusal(HasMetadata controller) {
    Set<String> attempts = Set.of(FAILED_CREATE, "SuccessfulCreate");
    return newest(controller, event -> attempts.contains(event.getReason()))
        .filter(event -> FAILED_CREATE.equals(event.getReason()))
        .map(Event::getMessage) // an optional field
        .map(message -> CREATION.matcher(message).replaceFirst(""));
  }

  private Optional<String> volume(Pod pod, Instant now) {
    Set<String> failures = Set.of("FailedMount", "FailedAttachVolume");
    return newest(pod, event -> failures.contains(event.getReason()))
        .filter(event -> time(event).plus(EVENT_VALIDITY).isAfter(now))
        .map(Event::getMessage);
  }

  private Optional<LostNode> lostNode(Pod pod) {
    return Optional.ofNullable(pod.getSpec().getNodeName()).flatMap(nodes::lost);
  }

  /**
   * Whether the provisioner may have failed. A claim of a pod for which no node has room is
   * pending, too, but nobody has asked the provisioner yet, so there is nothing to read, and many
   * such pods may wait for long.
   */
  private static boolean waitsForClaim(Pod pod, PersistentVolumeClaim claim) {
    return PodState.falseCondition(pod, "PodScheduled")
        .map(condition -> String.valueOf(condition.getMessage()))
        .filter(
            message ->
                // The scheduler has chosen a node, and keeps the earlier message meanwhile.
                Annotations.get(claim, SELECTED_NODE).isPresent()
                    || message.toLowerCase(Locale.ROOT).contains("volume"))
        .isPresent();
  }

  /** A lost node makes its pods unready, but does not terminate them. */
  private static boolean mayBeOnLostNode(Pod pod, LoginResult login) {
    boolean serverResponds =
        login instanceof LoginResult.LoggedIn || login instanceof LoginResult.LoginRejected;
    return !serverResponds
        && (pod.getMetadata().getDeletionTimestamp() != null
            || PodState.trueSince(pod, "Ready").isEmpty());
  }

  private static boolean waitsForVolume(Pod pod, Instant now) {
    boolean hasRun =
        DatabaseContainer.isRunning(pod)
            || DatabaseContainer.lastTermination(pod).isPresent()
            // The kubelet mounts all volumes before it prepares the pod for its first container.
            || PodState.trueSince(pod, "PodReadyToStartContainers").isPresent();
    return !hasRun
        && PodState.trueSince(pod, "PodScheduled")
            .filter(scheduled -> scheduled.plus(MOUNT_TIME).isBefore(now))
            .isPresent();
  }

  private Optional<Event> newest(HasMetadata object, Predicate<Event> filter) {
    String namespace = object.getMetadata().getNamespace();
    if (denials.isDenied(namespace)) {
      return Optional.empty();
    }
    try {
      return client
          .v1()
          .events()
          .inNamespace(namespace)
          .withField("involvedObject.kind", object.getKind())
          .withField("involvedObject.name", object.getMetadata().getName())
          .withField("involvedObject.uid", object.getMetadata().getUid())
          .list(new ListOptionsBuilder().withLimit(MAX_EVENTS).build())
          .getItems()
          .stream()
          .filter(filter)
          .max(Comparator.comparing(SchedulingEvidenceReader::time));
    } catch (KubernetesClientException e) {
      denials.failed(namespace, e);
      log.info("Cannot read events, the status contains fewer details: {}", ApiErrors.describe(e));
      return Optional.empty();
    }
  }

  /** When an event occurred last; each of the three generations of the API has its own field. */
  private static Instant time(Event event) {
    return Optional.ofNullable(event.getLastTimestamp())
        .or(() -> Optional.ofNullable(event.getEventTime()).map(MicroTime::getTime))
        .or(() -> Optional.ofNullable(event.getMetadata().getCreationTimestamp()))
        .map(Instant::parse)
        .orElse(Instant.MIN);
  }
}
