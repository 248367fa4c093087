package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.time.Instant;
import java.util.Optional;

/** How far the restore is that the annotation requests. */
sealed interface InPlaceState {

  /** Nothing is requested. */
  record None() implements InPlaceState {}

  /**
   * The annotation cannot be followed.
   *
   * @param message why, and what to do
   */
  record Refused(String message) implements InPlaceState {}

  /** The claim does not exist, or the data is not restored onto it yet. */
  record Pending(RestoreRequest request) implements InPlaceState {}

  /** A claim of that name belongs to an earlier restore, and is about to be gone. */
  record Blocked(RestoreRequest request, PersistentVolumeClaim claim) implements InPlaceState {}

  /** The data is restored; the server still has the former claim, or has been stopped. */
  record Restored(RestoreRequest request, PersistentVolumeClaim claim) implements InPlaceState {}

  /** The server has the claim with the restored data. */
  record InUse(PersistentVolumeClaim claim) implements InPlaceState {}

  /** The state. */
  static InPlaceState of(Snapshot snapshot, Instant now) {
    Optional<String> value = Annotations.get(snapshot.instance(), Labels.RESTORE_TO);
    if (value.isEmpty()) {
      return new None();
    }
    Optional<PersistentVolumeClaim> claim = snapshot.get(ObjectKey.CLAIM);
    if (Annotations.get(claim, ClaimInUse.RESTORED_TO).equals(value)) {
      return new InUse(claim.orElseThrow());
    }
    Optional<RestoreRequest> request = RestoreRequest.parse(value.get());
    return refusal(snapshot, value.get(), request, now)
        .<InPlaceState>map(Refused::new)
        .orElseGet(() -> of(snapshot, request.orElseThrow()));
  }

  private static Optional<String> refusal(
      Snapshot snapshot, String value, Optional<RestoreRequest> request, Instant now) {
    if (snapshot.instance().getSpec().backup() == null) {
      return Optional.of(InPlaceMessages.WITHOUT_BACKUP);
    }
    if (request.isEmpty()) {
      return Optional.of(InPlaceMessages.malformed(snapshot, value));
    }
    if (DataRecord.of(snapshot).isEmpty()) {
      return Optional.of(InPlaceMessages.WITHOUT_DATA);
    }
    Optional<String> uid = snapshot.get(ObjectKey.CLAIM).map(claim -> claim.getMetadata().getUid());
    if (!uid.equals(Optional.of(request.get().claimUid()))) {
      return Optional.of(InPlaceMessages.otherClaim(snapshot, request.get()));
    }
    // The clock of the operator that has begun the restore may be ahead of this one.
    boolean hasBegun = snapshot.get(ObjectKey.RESTORE_CLAIM).isPresent();
    return request
        .get()
        .time()
        .filter(time -> time.isAfter(now) && !hasBegun)
        .map(time -> InPlaceMessages.future(request.get()));
  }

  private static InPlaceState of(Snapshot snapshot, RestoreRequest request) {
    Optional<PersistentVolumeClaim> claim = snapshot.get(ObjectKey.RESTORE_CLAIM);
    if (claim.isEmpty()) {
      return new Pending(request);
    }
    boolean isOfOther = Ownership.isOwnedByDeletedInstance(snapshot.instance(), claim.get());
    if (isOfOther || claim.get().getMetadata().getDeletionTimestamp() != null) {
      return new Blocked(request, claim.get());
    }
    return Annotations.get(claim, ClaimInUse.RESTORED).isPresent()
        ? new Restored(request, claim.get())
        : new Pending(request);
  }

  /** The annotation that is being followed; empty if there is none. */
  default Optional<String> wanted() {
    return switch (this) {
      case Pending pending -> Optional.of(pending.request().value());
      case Blocked blocked -> Optional.of(blocked.request().value());
      case Restored restored -> Optional.of(restored.request().value());
      default -> Optional.empty();
    };
  }
}
