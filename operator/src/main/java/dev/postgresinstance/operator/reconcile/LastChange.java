package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.common.BoundedMap;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Observation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers when each instance changed last: its spec and annotations, one of its objects, or
 * whether a login succeeds. The status does not count, because the operator itself writes it.
 */
final class LastChange {

  private final Map<ResourceID, Seen> seen = BoundedMap.threadSafe();

  /** A state of an instance, by its hash, and since when it is known. */
  private record Seen(int state, Instant since) {}

  private record State(
      String uid,
      Long generation,
      Map<String, String> annotations,
      Map<ObjectKey<?>, String> versions,
      String login) {}

  /**
   * When the observed instance changed last. A state that is seen for the first time counts as old:
   * a new process does not know when it began.
   */
  Instant of(Observation observation, Instant now) {
    ResourceID instance = ResourceID.fromResource(observation.snapshot().instance());
    int state = state(observation).hashCode();
    Optional<Seen> before = Optional.ofNullable(seen.get(instance));
    Seen latest =
        before
            .filter(same -> same.state() == state)
            .orElseGet(() -> new Seen(state, before.map(old -> now).orElse(Instant.MIN)));
    seen.put(instance, latest);
    return latest.since();
  }

  private static State state(Observation observation) {
    Snapshot snapshot = observation.snapshot();
    ObjectMeta instance = snapshot.instance().getMetadata();
    Map<ObjectKey<?>, String> versions = new HashMap<>();
    snapshot.objects().forEach((key, object) -> versions.put(key, version(object)));
    return new State(
        instance.getUid(),
        instance.getGeneration(),
        Annotations.of(instance),
        versions,
        // What sessions find changes all the time, and starts a reconciliation by itself.
        observation.login().metricLabel());
  }

  private static String version(HasMetadata object) {
    return object.getMetadata().getUid() + " " + object.getMetadata().getResourceVersion();
  }
}
