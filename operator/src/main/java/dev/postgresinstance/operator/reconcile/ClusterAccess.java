package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.EventRecorder;
import dev.postgresinstance.operator.kubernetes.cache.CacheReadiness;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.SnapshotReader;
import io.javaoperatorsdk.operator.processing.event.ResourceID;

/** How reconciliations of all kinds read and write: one set of caches serves them all. */
public interface ClusterAccess {

  /** The caches. */
  Informers informers();

  /** Whether the caches can be trusted. */
  CacheReadiness readiness();

  /** Reads snapshots. */
  SnapshotReader reader();

  /** Writes objects. */
  ConditionalApply apply();

  /** Writes Events. */
  EventRecorder events();

  /** Sends an event about no instance through the framework; it starts no reconciliation. */
  default void sendHeartbeat() {
    informers().requestReconciliation(new ResourceID("-"));
  }
}
