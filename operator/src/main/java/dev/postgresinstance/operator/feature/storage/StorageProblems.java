package dev.postgresinstance.operator.feature.storage;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.StatusBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Problems of the volume. */
final class StorageProblems {

  private static final String GROW = "Raise spec.storage.size, or drop data that is not needed";
  private static final long MEBIBYTE = 1024 * 1024;

  /** The reported use holds until it differs by this part of the volume. */
  private static final int REPORTING_STEP = 20;

  /** A nearly full volume stays so until its use falls below this: WAL comes and goes. */
  private static final int NO_LONGER_NEARLY_FULL_PERCENT = 80;

  private StorageProblems() {}

  /** The problems. */
  static List<Problem> of(Snapshot snapshot, Optional<VolumeUse> use, OfflineGrowth growth) {
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
                        "The volume is full: PostgreSQL can read and drop, but not write. "
                            + GROW
                            + " (DROP TABLE and TRUNCATE free space at once, DELETE does not).")));
    use.filter(v -> !v.full() && nearlyFull(snapshot, v))
        .ifPresent(
            nearly ->
                problems.add(
                    problem(
                        Reason.NEARLY_FULL,
                        "At least %d %% of the volume has been used, and at least %d %% still is. %s."
                            .formatted(
                                VolumeUse.NEARLY_FULL_PERCENT,
                                NO_LONGER_NEARLY_FULL_PERCENT,
                                GROW))));
    DataClaim.growing(snapshot)
        .map(claim -> resizing(snapshot, claim, growth))
        .ifPresent(problems::add);
    return problems;
  }

  /** Sets the condition StorageReady; Unknown while there is no volume. */
  static void report(Snapshot snapshot, Optional<Problem> problem, StatusBuilder status) {
    if (problem.isPresent()) {
      status.failed(ConditionType.STORAGE_READY, problem.get());
    } else if (DataClaim.actualSize(snapshot).isPresent()) {
      status.condition(
          ConditionType.STORAGE_READY,
          true,
          Reason.VOLUME_READY,
          "The volume has the requested size and free space.");
    } else {
      status.unknown(
          ConditionType.STORAGE_READY,
          status.down().map(Problem::reason).orElse(Reason.CREATING),
          "Claim %s has no volume yet.".formatted(snapshot.claimName()));
    }
  }

  /** That the spec asks for a smaller volume than there is; a restored instance may do so. */
  static Optional<String> smaller(Snapshot snapshot) {
    Quantity requested = snapshot.instance().getSpec().storage().size();
    return snapshot
        .get(ObjectKey.CLAIM)
        .map(DataClaim::size)
        .filter(size -> size.getNumericalAmount().compareTo(requested.getNumericalAmount()) > 0)
        .map(
            size ->
                "The volume keeps its size of %s although the spec asks for %s: volumes cannot shrink."
                    .formatted(size, requested));
  }

  /** The API server rejects another size of the claim. */
  static Problem refused(PostgresInstance instance, Quantity present, String message) {
    return problem(
        Reason.RESIZE_REFUSED,
        "The volume keeps its size of %s; a resize to %s was rejected: %s."
            .formatted(present, instance.getSpec().storage().size(), message));
  }

  /** The volume in the status; empty while there is no claim. */
  static Optional<StorageStatus> status(Snapshot snapshot, Optional<VolumeUse> use) {
    Optional<Quantity> actual = DataClaim.actualSize(snapshot);
    Optional<Quantity> reported =
        snapshot.previousStatus().get(PostgresInstanceStatus::storage).map(StorageStatus::used);
    Optional<Quantity> used =
        use.map(now -> reported.filter(before -> holds(before, now)).orElse(exact(now)));
    return snapshot
        .get(ObjectKey.CLAIM)
        .map(
            claim ->
                new StorageStatus(
                    DataClaim.size(claim),
                    actual.orElse(null),
                    used.or(() -> reported).orElse(null),
                    Ownership.retained(snapshot).orElse(null),
                    snapshot.cluster().reclaimPolicy().orElse(null),
                    claim.getMetadata().getName(),
                    claim.getMetadata().getUid(),
                    Annotations.get(claim, ClaimInUse.RESTORED_TO).orElse(null)));
  }

  private static Quantity exact(VolumeUse use) {
    return new Quantity(use.used() / MEBIBYTE + "Mi");
  }

  /** Whether the reported use is near enough: a status that follows each WAL segment is noise. */
  private static boolean holds(Quantity reported, VolumeUse use) {
    long difference = reported.getNumericalAmount().longValue() - use.used();
    return Math.abs(difference) < use.volume() / REPORTING_STEP;
  }

  private static boolean nearlyFull(Snapshot snapshot, VolumeUse use) {
    boolean wasNearlyFull =
        snapshot.previousStatus().hasReason(ConditionType.STORAGE_READY, Reason.NEARLY_FULL);
    return use.nearlyFull() || (wasNearlyFull && use.percent() >= NO_LONGER_NEARLY_FULL_PERCENT);
  }

  private static Problem resizing(
      Snapshot snapshot, PersistentVolumeClaim claim, OfflineGrowth growth) {
    Quantity actual = DataClaim.actualSize(snapshot).orElseThrow();
    Quantity requested = DataClaim.size(claim);
    if (growth instanceof OfflineGrowth.Tried tried && tried.inVain()) {
      return problem(
          Reason.RESIZE_REFUSED,
          ("The volume keeps its size of %s: its driver did not expand it to %s while the server was"
                  + " stopped for that.%s. The operator tries again when the size changes or a restart"
                  + " is requested.")
              .formatted(actual, requested, driverMessage(snapshot, claim)));
    }
    boolean atNextStart = snapshot.pod().isEmpty() && DataClaim.isFileSystemResizePending(claim);
    return problem(
        Reason.RESIZING,
        atNextStart
            ? "The volume has grown; its file system grows from %s to %s when the server starts."
                .formatted(actual, requested)
            : "The volume grows from %s to %s.%s"
                .formatted(actual, requested, driverMessage(snapshot, claim)));
  }

  /** The server is stopped for a limited time. */
  private static Problem stopped(Snapshot snapshot, Instant until) {
    return new Problem(
        ConditionType.AVAILABLE,
        Reason.RESIZING,
        ("The server is stopped while the volume grows to %s, because its driver cannot expand a"
                + " volume that a pod uses. The server starts again as soon as the volume has grown, at %s"
                + " at the latest.")
            .formatted(snapshot.get(ObjectKey.CLAIM).map(DataClaim::size).orElseThrow(), until));
  }

  /** The condition of the controller stays when the expansion succeeds later. */
  private static String driverMessage(Snapshot snapshot, PersistentVolumeClaim claim) {
    String messages =
        Stream.of(OfflineGrowth.RESIZE_ERROR, "NodeResizeError")
            .filter(type -> !DataClaim.isFileSystemResizePending(claim) || type.startsWith("Node"))
            .flatMap(type -> DataClaim.condition(claim, type).stream())
            .flatMap(condition -> Stream.ofNullable(condition.getMessage()))
            .collect(Collectors.joining(" "));
    return messages.isEmpty()
        ? ""
        : " Message of its driver: %s (%s shows more)"
            .formatted(
                messages,
                KubectlCommand.describe(snapshot.instance(), "pvc", snapshot.claimName()));
  }

  private static Problem problem(Reason reason, String message) {
    return new Problem(ConditionType.STORAGE_READY, reason, message);
  }
}
