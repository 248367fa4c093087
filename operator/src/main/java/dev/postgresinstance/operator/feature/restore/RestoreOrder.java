package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.RecoveryTarget;
import dev.postgresinstance.operator.feature.data.DataSource;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Map;
import java.util.Optional;

/**
 * What a Job restores, and onto which claim.
 *
 * @param source where the data comes from
 * @param target up to where; empty for the latest state in the archive
 * @param claim onto which the data is restored
 * @param id hexadecimal; identifies source and target on the volume, where an interrupted restore
 *     goes on
 * @param description source and target for a sentence, as "PostgresBackup nightly as of its end"
 * @param besideServer whether the server of the instance may run meanwhile, because it has another
 *     claim
 * @param annotations further ones of the Job
 */
public record RestoreOrder(
    RestoreSource source,
    Optional<RecoveryTarget> target,
    ObjectKey<PersistentVolumeClaim> claim,
    String id,
    String description,
    boolean besideServer,
    Map<String, String> annotations) {

  /** The order in {@code spec.source}. */
  static RestoreOrder ofSource(Snapshot snapshot) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    return new RestoreOrder(
        RestoreSources.of(snapshot),
        Optional.ofNullable(spec.source().target()),
        ObjectKey.CLAIM,
        DataSource.of(spec),
        RestoreSource.describe(spec),
        false,
        Map.of());
  }

  /** UID of the claim; empty if there is none, or if it is not known. */
  Optional<String> claimUid(Snapshot snapshot) {
    return snapshot.get(claim).map(present -> present.getMetadata().getUid());
  }
}
