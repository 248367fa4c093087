package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.StorageSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;

/** The claim of the volume that holds the data. It has no owner: it outlives the resource. */
public final class DataClaim {

  private DataClaim() {}

  /**
   * The claim as the spec asks for it; never smaller than it is, since no volume shrinks. The same
   * size is asked for in the words the API server keeps it in, or it would be sent in each pass.
   */
  public static PersistentVolumeClaim desired(World world, Optional<DataRecord> record) {
    return claim(
        world,
        record,
        larger(world.instance().getSpec().storage().size(), world.claim().map(DataClaim::size)));
  }

  /** The claim at the size it has, for a class whose volumes cannot grow. */
  public static PersistentVolumeClaim ofPresentSize(World world, Optional<DataRecord> record) {
    return claim(world, record, size(world.claim().orElseThrow()));
  }

  /** The size that a claim asks for. */
  public static Quantity size(PersistentVolumeClaim claim) {
    return claim.getSpec().getResources().getRequests().get("storage");
  }

  private static Quantity larger(Quantity asked, Optional<Quantity> present) {
    return present
        .filter(size -> size.getNumericalAmount().compareTo(asked.getNumericalAmount()) >= 0)
        .orElse(asked);
  }

  /** A claim keeps its class, which cannot be changed. */
  private static PersistentVolumeClaim claim(
      World world, Optional<DataRecord> record, Quantity size) {
    StorageSpec storage = world.instance().getSpec().storage();
    return new PersistentVolumeClaimBuilder()
        .withMetadata(
            Labels.retained(world, Names.claim(world.instance()), "storage")
                .addToAnnotations(DataRecord.annotations(world, record))
                .build())
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(
            world
                .claim()
                .map(present -> present.getSpec().getStorageClassName())
                .orElse(storage.storageClassName()))
        .withNewResources()
        .withRequests(Map.of("storage", size))
        .endResources()
        .endSpec()
        .build();
  }
}
