package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Conditions;
import dev.postgresinstance.operator.report.Problem;
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
public final class StorageProblems {

  private static final String GROW = "Raise spec.storage.size, or drop what is not needed";
  private static final long MEBIBYTE = 1024 * 1024;

  /** What is told of the space used holds until it is off by this part of the volume. */
  private static final int BAND = 20;

  /** What was nearly full is so until it falls below this, in percent: WAL comes and goes. */
  private static final int NO_LONGER_NEARLY_FULL = 80;

  private StorageProblems() {}

  /** What is not as it should be; what is worst first. */
  public static List<Problem> of(Snapshot snapshot, Optional<VolumeUse> use, OfflineGrowth growth) {
    List<Problem> problems = new ArrayList<>();
    if (growth instanceof OfflineGrowth.Away(Optional<Instant> until)) {
      until.map(end -> stopped(snapshot, end)).ifPresent(problems::add);
    }
    use.filter(VolumeUse::full)
        .ifPresent(
            full ->
                problems.add(
                    problem(
                        Reason.DISK_FULL,
                        "The volume is full: PostgreSQL can read, and drop, but not write. "
                            + GROW
                            + " (DROP or TRUNCATE TABLE frees room at once, DELETE does not).")));
    use.filter(v -> !v.full() && nearlyFull(snapshot, v))
        .ifPresent(
            nearly ->
                problems.add(
                    problem(
                        Reason.NEARLY_FULL,
                        "About %d %% of the volume or more are used. %s."
                            .formatted(VolumeUse.NEARLY_FULL, GROW))));
    DataClaim.growing(snapshot)
        .map(claim -> resizing(snapshot, claim, growth))
        .ifPresent(problems::add);
    return problems;
  }

  /** Whether the volume is as it should be; nothing while there is none. */
  public static void addStorageReady(
      Conditions conditions, Snapshot snapshot, Optional<Problem> problem) {
    if (problem.isPresent()) {
      conditions.add(
          ConditionType.STORAGE_READY, false, problem.get().reason(), problem.get().message());
    } else if (DataClaim.actualSize(snapshot).isPresent()) {
      conditions.add(
          ConditionType.STORAGE_READY,
          true,
          Reason.VOLUME_READY,
          "The volume has the size that was asked for, and room left.");
    }
  }

  /** That a smaller volume is asked for than there is, which a returning instance may do. */
  public static Optional<String> smaller(Snapshot snapshot) {
    Quantity asked = snapshot.instance().getSpec().storage().size();
    return snapshot
        .claim()
        .map(DataClaim::size)
        .filter(size -> size.getNumericalAmount().compareTo(asked.getNumericalAmount()) > 0)
        .map(
            size ->
                "The volume keeps its size of %s, although %s is asked for: no volume shrinks."
                    .formatted(size, asked));
  }

  /** That the API server refuses another size of the claim. */
  public static Problem refused(PostgresInstance instance, Quantity present, String words) {
    return problem(
        Reason.RESIZE_REFUSED,
        "The volume keeps its size of %s, %s was asked for: %s."
            .formatted(present, instance.getSpec().storage().size(), words));
  }

  /** What the status says of the volume; empty while there is no claim. */
  public static Optional<StorageStatus> status(Snapshot snapshot, Optional<VolumeUse> use) {
    Optional<Quantity> actual = DataClaim.actualSize(snapshot);
    Optional<Quantity> told =
        Optional.ofNullable(snapshot.instance().getStatus())
            .flatMap(s -> Optional.ofNullable(s.storage()))
            .flatMap(s -> Optional.ofNullable(s.used()));
    Optional<Quantity> used = use.map(now -> told.filter(t -> holds(t, now)).orElse(exact(now)));
    return snapshot
        .claim()
        .map(
            claim ->
                new StorageStatus(
                    DataClaim.size(claim),
                    actual.orElse(null),
                    used.or(() -> told).orElse(null),
                    Ownership.retained(snapshot).orElse(null),
                    snapshot.reclaimPolicy().orElse(null)));
  }

  private static Quantity exact(VolumeUse use) {
    return new Quantity(use.used() / MEBIBYTE + "Mi");
  }

  /** Whether what was told is near enough: a status that follows each segment is never quiet. */
  private static boolean holds(Quantity told, VolumeUse use) {
    long difference = told.getNumericalAmount().longValue() - use.used();
    return Math.abs(difference) < use.volume() / BAND;
  }

  private static boolean nearlyFull(Snapshot snapshot, VolumeUse use) {
    boolean told =
        snapshot
            .instance()
            .condition(ConditionType.STORAGE_READY)
            .filter(before -> Reason.NEARLY_FULL.word().equals(before.getReason()))
            .isPresent();
    return use.nearlyFull() || (told && use.percent() >= NO_LONGER_NEARLY_FULL);
  }

  private static Problem resizing(
      Snapshot snapshot, PersistentVolumeClaim claim, OfflineGrowth growth) {
    Quantity actual = DataClaim.actualSize(snapshot).orElseThrow();
    Quantity asked = DataClaim.size(claim);
    if (growth instanceof OfflineGrowth.Tried tried && tried.inVain()) {
      return problem(
          Reason.RESIZE_REFUSED,
          ("The volume keeps its size of %s, %s was asked for: its driver did not grow it while the"
                  + " server was stopped for that.%s. It is tried again with another size, or a"
                  + " restart that is asked for.")
              .formatted(actual, asked, words(snapshot, claim)));
    }
    boolean atNextStart = snapshot.pod().isEmpty() && DataClaim.nodeHasToGrow(claim);
    return problem(
        Reason.RESIZING,
        atNextStart
            ? "The volume has grown; its file system grows from %s to %s when the server starts."
                .formatted(actual, asked)
            : "The volume grows from %s to %s.%s".formatted(actual, asked, words(snapshot, claim)));
  }

  /** The server is away for a while, and comes back. */
  private static Problem stopped(Snapshot snapshot, Instant until) {
    return new Problem(
        ConditionType.AVAILABLE,
        Reason.RESIZING,
        ("The server is stopped while the volume grows to %s, since its driver refuses that while a"
                + " pod uses it. It starts again as soon as that is done, at %s at the latest.")
            .formatted(snapshot.claim().map(DataClaim::size).orElseThrow(), until));
  }

  /** The first one stays when it has succeeded later. */
  private static String words(Snapshot snapshot, PersistentVolumeClaim claim) {
    String words =
        Stream.of(OfflineGrowth.RESIZE_ERROR, "NodeResizeError")
            .filter(type -> !DataClaim.nodeHasToGrow(claim) || type.startsWith("Node"))
            .flatMap(type -> DataClaim.condition(claim, type).stream())
            .map(PersistentVolumeClaimCondition::getMessage)
            .collect(Collectors.joining(" "));
    return words.isEmpty()
        ? ""
        : " Its driver says: %s (kubectl describe pvc %s tells more)"
            .formatted(words, Names.claim(snapshot.instance()));
  }

  private static Problem problem(Reason reason, String message) {
    return new Problem(ConditionType.STORAGE_READY, reason, message);
  }
}
