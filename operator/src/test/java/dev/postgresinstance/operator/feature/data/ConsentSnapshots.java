package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.Optional;

/** Snapshots with data on a claim, and with annotations of the user. */
final class ConsentSnapshots {

  /** UID of the present claim. */
  static final String UID = "present-claim";

  /** The record on the present claim. */
  static final DataRecord OLD = new DataRecord("73", "17", "app", "app", "", "999", "", "", "");

  private ConsentSnapshots() {}

  /** An instance with data on the present claim. */
  static Snapshot withData() {
    return recorded(Snapshots.of("{}"), OLD);
  }

  /** The same snapshot with only that annotation on the resource. */
  static Snapshot annotated(Snapshot snapshot, String name, String value) {
    PostgresInstance instance = new KubernetesSerialization().clone(snapshot.instance());
    instance.getMetadata().setAnnotations(Map.of(name, value));
    return Snapshots.withInstance(snapshot, instance);
  }

  /** The same snapshot with that record on the present claim. */
  static Snapshot recorded(Snapshot snapshot, DataRecord record) {
    return claimOf(snapshot.with(DataClaim.desired(snapshot, Optional.of(record))), UID);
  }

  /** The same snapshot with another UID of the claim. */
  static Snapshot claimOf(Snapshot snapshot, String uid) {
    return snapshot.with(
        new PersistentVolumeClaimBuilder(snapshot.get(ObjectKey.CLAIM).orElseThrow())
            .editMetadata()
            .withUid(uid)
            .endMetadata()
            .build());
  }
}
