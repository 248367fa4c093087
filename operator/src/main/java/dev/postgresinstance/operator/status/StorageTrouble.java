package dev.postgresinstance.operator.status;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.operator.children.DataClaim;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.OfflineGrowth;
import dev.postgresinstance.operator.children.Ownership;
import dev.postgresinstance.operator.children.World;
import dev.postgresinstance.operator.postgres.VolumeUse;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is to be said of the volume. */
public final class StorageTrouble {

  private static final String GROW = "Raise spec.storage.size, or drop what is not needed";
  private static final long MEBIBYTE = 1024 * 1024;

  /** What is told of the space used holds until it is off by this part of the volume. */
  private static final int BAND = 20;

  /** What was nearly full is so until it falls below this, in percent: WAL comes and goes. */
  private static final int NO_LONGER_NEARLY_FULL = 80;

  private StorageTrouble() {}

  /** What is not as it should be; what is worst first. */
  public static List<Trouble> of(World world, Optional<VolumeUse> use, OfflineGrowth growth) {
    List<Trouble> troubles = new ArrayList<>();
    if (growth instanceof OfflineGrowth.Away(Optional<Instant> until)) {
      until.map(end -> stopped(world, end)).ifPresent(troubles::add);
    }
    use.filter(VolumeUse::full)
        .ifPresent(
            full ->
                troubles.add(
                    trouble(
                        Reason.DISK_FULL,
                        "The volume is full: PostgreSQL can read, and drop, but not write. "
                            + GROW
                            + " (DROP or TRUNCATE TABLE frees room at once, DELETE does not).")));
    use.filter(v -> !v.full() && nearlyFull(world, v))
        .ifPresent(
            nearly ->
                troubles.add(
                    trouble(
                        Reason.NEARLY_FULL,
                        "About %d %% of the volume or more are used. %s."
                            .formatted(VolumeUse.NEARLY_FULL, GROW))));
    DataClaim.growing(world).map(claim -> resizing(world, claim, growth)).ifPresent(troubles::add);
    return troubles;
  }

  /** Whether the volume is as it should be; nothing while there is none. */
  static void addStorageReady(Conditions conditions, World world, Optional<Trouble> trouble) {
    if (trouble.isPresent()) {
      conditions.add(
          ConditionType.STORAGE_READY, false, trouble.get().reason(), trouble.get().message());
    } else if (DataClaim.actualSize(world).isPresent()) {
      conditions.add(
          ConditionType.STORAGE_READY,
          true,
          Reason.VOLUME_READY,
          "The volume has the size that was asked for, and room left.");
    }
  }

  /** That a smaller volume is asked for than there is, which a returning instance may do. */
  public static Optional<String> smaller(World world) {
    Quantity asked = world.instance().getSpec().storage().size();
    return world
        .claim()
        .map(DataClaim::size)
        .filter(size -> size.getNumericalAmount().compareTo(asked.getNumericalAmount()) > 0)
        .map(
            size ->
                "The volume keeps its size of %s, although %s is asked for: no volume shrinks."
                    .formatted(size, asked));
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
    Optional<Quantity> told =
        Optional.ofNullable(world.instance().getStatus())
            .flatMap(s -> Optional.ofNullable(s.storage()))
            .flatMap(s -> Optional.ofNullable(s.used()));
    Optional<Quantity> used = use.map(now -> told.filter(t -> holds(t, now)).orElse(exact(now)));
    return world
        .claim()
        .map(
            claim ->
                new StorageStatus(
                    DataClaim.size(claim),
                    actual.orElse(null),
                    used.or(() -> told).orElse(null),
                    Ownership.retained(world).orElse(null),
                    world.reclaimPolicy().orElse(null)));
  }

  private static Quantity exact(VolumeUse use) {
    return new Quantity(use.used() / MEBIBYTE + "Mi");
  }

  /** Whether what was told is near enough: a status that follows each segment is never quiet. */
  private static boolean holds(Quantity told, VolumeUse use) {
    long difference = told.getNumericalAmount().longValue() - use.used();
    return Math.abs(difference) < use.volume() / BAND;
  }

  private static boolean nearlyFull(World world, VolumeUse use) {
    boolean told =
        world
            .instance()
            .condition(ConditionType.STORAGE_READY)
            .filter(before -> Reason.NEARLY_FULL.word().equals(before.getReason()))
            .isPresent();
    return use.nearlyFull() || (told && use.percent() >= NO_LONGER_NEARLY_FULL);
  }

  private static Trouble resizing(World world, PersistentVolumeClaim claim, OfflineGrowth growth) {
    Quantity actual = DataClaim.actualSize(world).orElseThrow();
    Quantity asked = DataClaim.size(claim);
    if (growth instanceof OfflineGrowth.Tried tried && tried.inVain()) {
      return trouble(
          Reason.RESIZE_REFUSED,
          ("The volume keeps its size of %s, %s was asked for: its driver did not grow it while the"
                  + " server was stopped for that.%s. It is tried again with another size, or a"
                  + " restart that is asked for.")
              .formatted(actual, asked, words(world, claim)));
    }
    boolean atNextStart = world.pod().isEmpty() && DataClaim.nodeHasToGrow(claim);
    return trouble(
        Reason.RESIZING,
        atNextStart
            ? "The volume has grown; its file system grows from %s to %s when the server starts."
                .formatted(actual, asked)
            : "The volume grows from %s to %s.%s".formatted(actual, asked, words(world, claim)));
  }

  /** The server is away for a while, and comes back. */
  private static Trouble stopped(World world, Instant until) {
    return new Trouble(
        ConditionType.AVAILABLE,
        Reason.RESIZING,
        ("The server is stopped while the volume grows to %s, since its driver refuses that while a"
                + " pod uses it. It starts again as soon as that is done, at %s at the latest.")
            .formatted(world.claim().map(DataClaim::size).orElseThrow(), until));
  }

  /** The first one stays when it has succeeded later. */
  private static String words(World world, PersistentVolumeClaim claim) {
    String words =
        Stream.of(OfflineGrowth.RESIZE_ERROR, "NodeResizeError")
            .filter(type -> !DataClaim.nodeHasToGrow(claim) || type.startsWith("Node"))
            .flatMap(type -> DataClaim.condition(claim, type).stream())
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
