package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.api.v1alpha1.BackupSpec;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.ReconcileInput;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.EventMessage;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The server between two claims: it is stopped before the claims are exchanged, whatever {@code
 * spec.restartPolicy} says, because the annotation is the consent.
 */
public final class InPlaceServer {

  /** The store may be away; a restore does not wait for it for long. */
  private static final Duration LONGEST_UPLOAD = Duration.ofMinutes(1);

  private static final Duration USUAL_UPLOAD = Duration.ofSeconds(5);

  private InPlaceServer() {}

  /**
   * The StatefulSet without replicas from the end of a restore until the exchange of the claims.
   */
  public static Child<StatefulSet> before(ReconcileInput input, Child<StatefulSet> server) {
    Snapshot snapshot = input.snapshot();
    if (!(InPlaceState.of(snapshot, input.now()) instanceof InPlaceState.Restored restored)) {
      return server;
    }
    Child<StatefulSet> stopped =
        new Child<>(
            server.key(),
            new StatefulSetBuilder(server.desired())
                .editMetadata()
                .addToAnnotations(stoppedSince(snapshot, input.now()))
                .endMetadata()
                .editSpec()
                .withReplicas(0)
                .endSpec()
                .build(),
            server.onRejection(),
            server.action());
    return snapshot.get(ObjectKey.STATEFUL_SET).filter(InPlaceServer::hasReplicas).isPresent()
        ? stopped.reporting(
            Optional.of(
                EventMessage.action(
                    EventReason.RESTARTING,
                    "Restarting pod %s: its data was restored onto claim %s."
                        .formatted(
                            Names.pod(snapshot.instance()),
                            restored.claim().getMetadata().getName()))))
        : stopped;
  }

  private static boolean hasReplicas(StatefulSet set) {
    return !Objects.equals(set.getSpec().getReplicas(), 0);
  }

  /** Whether no server runs, and none can start. */
  static boolean isGone(Snapshot snapshot) {
    return snapshot.pod().isEmpty()
        && snapshot
            .get(ObjectKey.STATEFUL_SET)
            .filter(set -> !hasReplicas(set))
            .filter(InPlaceServer::hasObservedThat)
            .isPresent();
  }

  private static boolean hasObservedThat(StatefulSet set) {
    return Optional.ofNullable(set.getStatus())
        .filter(
            status ->
                Objects.equals(status.getObservedGeneration(), set.getMetadata().getGeneration()))
        .map(StatefulSetStatus::getReplicas)
        .filter(replicas -> replicas == 0)
        .isPresent();
  }

  /**
   * Whether the backup pod has had the time to upload what the server has written last, which may
   * be when it stops: another claim is followed by another backup pod. Nothing tells whether it has
   * succeeded, because it reports to the server.
   */
  static boolean isArchived(Snapshot snapshot, Instant now) {
    return stoppedSince(snapshot)
        .filter(since -> !since.plus(upload(snapshot)).isAfter(now))
        .isPresent();
  }

  /** Annotations of the StatefulSet: none while a server may run. */
  private static Map<String, String> stoppedSince(Snapshot snapshot, Instant now) {
    return isGone(snapshot)
        ? Map.of(
            Labels.STOPPED_SINCE,
            stoppedSince(snapshot).orElse(now.truncatedTo(ChronoUnit.SECONDS)).toString())
        : Map.of();
  }

  /** Anybody may have changed the annotation: then the time counts again. */
  private static Optional<Instant> stoppedSince(Snapshot snapshot) {
    try {
      return Annotations.get(snapshot.get(ObjectKey.STATEFUL_SET), Labels.STOPPED_SINCE)
          .map(Instant::parse);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Duration upload(Snapshot snapshot) {
    BackupSpec spec = snapshot.instance().getSpec().backup();
    Duration wait =
        Duration.parse("PT" + spec.wal().uploadInterval()).multipliedBy(2).plus(USUAL_UPLOAD);
    return wait.compareTo(LONGEST_UPLOAD) > 0 ? LONGEST_UPLOAD : wait;
  }
}
