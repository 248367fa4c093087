package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds out which claim holds the data, see {@link ClaimInUse}. Each kind has a cache of its own:
 * if those of claims and Secrets lag behind that of StatefulSets after a restore in place, the
 * operator would start the server on the former claim. So where a StatefulSet has another claim
 * than the caches say, the API server decides.
 */
record ClaimReader(Live live) {

  /** Reads one object from the API server. */
  @FunctionalInterface
  interface Live {
    <R extends HasMetadata> Optional<R> read(Class<R> kind, String name, String namespace);
  }

  /**
   * Name of the claim in use.
   *
   * @param snapshot everything but the claim
   */
  String inUse(Snapshot snapshot) {
    String cached = snapshot.claimName();
    boolean isCertain =
        snapshot
            .get(ObjectKey.STATEFUL_SET)
            .flatMap(ClaimReader::mounted)
            .filter(mounted -> !mounted.equals(cached))
            .isEmpty();
    return isCertain ? cached : live(snapshot, cached);
  }

  private String live(Snapshot snapshot, String cached) {
    String namespace = snapshot.instance().getMetadata().getNamespace();
    Optional<Secret> secret =
        live.read(Secret.class, Names.operatorSecret(snapshot.instance()), namespace);
    List<PersistentVolumeClaim> claims = new ArrayList<>(snapshot.surroundings().claims());
    claims.removeIf(claim -> claim.getMetadata().getName().equals(cached));
    live.read(PersistentVolumeClaim.class, cached, namespace).ifPresent(claims::add);
    return ClaimInUse.name(snapshot.instance(), secret, claims);
  }

  private static Optional<String> mounted(StatefulSet set) {
    return set.getSpec().getTemplate().getSpec().getVolumes().stream()
        .map(Volume::getPersistentVolumeClaim)
        .filter(volume -> volume != null)
        .map(PersistentVolumeClaimVolumeSource::getClaimName)
        .findFirst();
  }
}
