package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.operator.children.DataClaim;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.Ownership;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.VolumeUse;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is to be said of the volume. */
public final class StorageTrouble {

  private static final String GROW = "Raise spec.storage.size, or drop what is not needed";

  private StorageTrouble() {}

  /** What is not as it should be; what is worst first. */
  public static List<Trouble> of(World world, Optional<VolumeUse> use) {
    List<Trouble> troubles = new ArrayList<>();
    use.filter(VolumeUse::full)
        .ifPresent(
            full ->
                troubles.add(
                    trouble(
                        Reason.DISK_FULL,
                        "The volume is full: PostgreSQL can read, and drop, but not write. "
                            + GROW
                            + " (DROP or TRUNCATE TABLE frees room at once, DELETE does not).")));
    use.filter(v -> !v.full() && v.percent() >= VolumeUse.NEARLY_FULL)
        .ifPresent(
            nearly ->
                troubles.add(
                    trouble(
                        Reason.NEARLY_FULL,
                        "At least %d %% of the volume are used. %s."
                            .formatted(nearly.percent(), GROW))));
    world.claim().flatMap(claim -> resizing(world, claim)).ifPresent(troubles::add);
    return troubles;
  }

  /** That the API server refuses another size of the claim. */
  public static Trouble refused(PostgresInstance instance, Quantity present, String words) {
    return trouble(
        Reason.RESIZE_REFUSED,
        "The volume keeps its size of %s, %s was asked for: %s."
            .formatted(present, instance.getSpec().storage().size(), words));
  }

  /** What the status says of the volume; empty while there is no claim. */
  static Optional<StorageStatus> status(World world, Optional<VolumeUse> use) {
    Optional<Quantity> actual = DataClaim.actualSize(world);
    Optional<Quantity> used = use.flatMap(v -> actual.map(size -> share(size, v.percent())));
    Optional<StorageStatus> before =
        Optional.ofNullable(world.instance().getStatus())
            .flatMap(s -> Optional.ofNullable(s.storage()));
    return world
        .claim()
        .map(
            claim ->
                new StorageStatus(
                    DataClaim.size(claim),
                    actual.orElse(null),
                    used.or(() -> before.map(StorageStatus::used)).orElse(null),
                    Ownership.retained(world).orElse(null)));
  }

  /** In mebibytes. */
  private static Quantity share(Quantity size, int percent) {
    return new Quantity(
        size.getNumericalAmount().longValue() / 100 * percent / (1024 * 1024) + "Mi");
  }

  private static Optional<Trouble> resizing(World world, PersistentVolumeClaim claim) {
    Quantity asked = DataClaim.size(claim);
    return DataClaim.actualSize(world)
        .filter(actual -> actual.getNumericalAmount().compareTo(asked.getNumericalAmount()) < 0)
        .map(
            actual ->
                trouble(
                    Reason.RESIZING,
                    "The volume grows from %s to %s.%s"
                        .formatted(actual, asked, words(world, claim))));
  }

  private static String words(World world, PersistentVolumeClaim claim) {
    String words =
        Stream.of("ControllerResizeError", "NodeResizeError")
            .filter(type -> DataClaim.hasCondition(claim, type))
            .flatMap(
                type ->
                    claim.getStatus().getConditions().stream()
                        .filter(c -> type.equals(c.getType())))
            .map(PersistentVolumeClaimCondition::getMessage)
            .collect(Collectors.joining(" "));
    return words.isEmpty()
        ? ""
        : " Its driver says: %s (kubectl describe pvc %s tells more)"
            .formatted(words, Names.claim(world.instance()));
  }

  private static Trouble trouble(Reason reason, String message) {
    return new Trouble(ConditionType.STORAGE_READY, reason, message);
  }
}
