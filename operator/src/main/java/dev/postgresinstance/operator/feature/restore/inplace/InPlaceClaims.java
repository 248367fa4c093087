package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.restore.state.RestoreEnd;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The claims of a restore in place. Until the exchange, the new one belongs to the resource and
 * vanishes with it; from then on it is kept like every claim with data, and the former one stays
 * whatever happens to the resource. A kill of the operator between two steps leaves a claim with
 * data in use, and none that anything deletes.
 */
final class InPlaceClaims {

  private InPlaceClaims() {}

  /**
   * The claim onto which the data is restored: as large as the spec asks for, or as the present.
   */
  static Child<PersistentVolumeClaim> empty(Snapshot snapshot, RestoreRequest request) {
    PersistentVolumeClaim present = snapshot.get(ObjectKey.CLAIM).orElseThrow();
    return Child.of(
        ObjectKey.RESTORE_CLAIM,
        DataClaim.of(
            unused(snapshot, request),
            DataClaim.larger(
                snapshot.instance().getSpec().storage().size(),
                Optional.of(DataClaim.size(present))),
            present.getSpec().getStorageClassName()));
  }

  /**
   * The same claim once the data is restored onto it, with the record of the data.
   *
   * @param pods the pods that have restored it, the oldest first; without those that are gone
   */
  static Child<PersistentVolumeClaim> restored(
      Snapshot snapshot, RestoreRequest request, List<Pod> pods) {
    DataRecord present = DataRecord.of(snapshot).orElseThrow();
    DataRecord record =
        present.restored(
            newest(pods, RestoreEnd::systemIdentifier).orElse(present.systemIdentifier()));
    return like(
        snapshot.get(ObjectKey.RESTORE_CLAIM).orElseThrow(),
        ObjectKey.RESTORE_CLAIM,
        unused(snapshot, request)
            .addToAnnotations(DataRecord.annotations(snapshot, Optional.of(record)))
            .addToAnnotations(
                ClaimInUse.RESTORED,
                newest(pods, RestoreEnd::reached).orElse(request.targetText())));
  }

  private static Optional<String> newest(List<Pod> pods, Function<Pod, Optional<String>> property) {
    return pods.reversed().stream().flatMap(pod -> property.apply(pod).stream()).findFirst();
  }

  private static ObjectMetaBuilder unused(Snapshot snapshot, RestoreRequest request) {
    return Labels.owned(snapshot, Names.restoredClaim(snapshot.instance()), DataClaim.COMPONENT)
        .addToAnnotations(Labels.RESTORE_TO, request.value());
  }

  /**
   * The next step of the exchange, when no server runs: first the new claim is kept like one with
   * data, then the former one names it. That makes it the claim in use.
   */
  static Child<PersistentVolumeClaim> exchange(Snapshot snapshot, InPlaceState.Restored state) {
    return Annotations.get(state.claim(), Labels.RESTORE_TO).isPresent()
        ? kept(snapshot, state)
        : replaced(snapshot, state.claim().getMetadata().getName());
  }

  private static Child<PersistentVolumeClaim> kept(Snapshot snapshot, InPlaceState.Restored state) {
    String name = state.claim().getMetadata().getName();
    return like(
        state.claim(),
        ObjectKey.RESTORE_CLAIM,
        Labels.retained(snapshot, name, DataClaim.COMPONENT)
            .addToAnnotations(
                DataRecord.annotations(snapshot, DataRecord.in(snapshot, ObjectKey.RESTORE_CLAIM)))
            .addToAnnotations(ClaimInUse.RESTORED_TO, state.request().value())
            .addToAnnotations(
                ClaimInUse.RESTORED, Annotations.get(state.claim(), ClaimInUse.RESTORED).orElse(""))
            .addToAnnotations(ClaimInUse.REPLACES, snapshot.claimName()));
  }

  private static Child<PersistentVolumeClaim> replaced(Snapshot snapshot, String successor) {
    return like(
        snapshot.get(ObjectKey.CLAIM).orElseThrow(),
        ObjectKey.CLAIM,
        Labels.unowned(snapshot, snapshot.claimName(), DataClaim.COMPONENT)
            .addToAnnotations(
                DataRecord.annotations(snapshot, DataRecord.in(snapshot, ObjectKey.CLAIM)))
            .addToAnnotations(DataClaim.ofRestore(snapshot))
            .addToAnnotations(ClaimInUse.REPLACED_BY, successor));
  }

  /**
   * Gives up the claims of restores that are not requested any more, which have never been in use.
   *
   * @param wanted value of the annotation that is being followed
   */
  static List<Child<?>> abandoned(Snapshot snapshot, Optional<String> wanted) {
    return snapshot.surroundings().claims().stream()
        .filter(claim -> Annotations.get(claim, Labels.RESTORE_TO).isPresent())
        .filter(claim -> !Annotations.get(claim, Labels.RESTORE_TO).equals(wanted))
        .filter(claim -> Ownership.isOwner(snapshot.instance(), claim))
        .filter(claim -> claim.getMetadata().getDeletionTimestamp() == null)
        .filter(claim -> !claim.getMetadata().getName().equals(snapshot.claimName()))
        .<Child<?>>map(
            claim ->
                like(
                    claim,
                    ObjectKey.oneOf(PersistentVolumeClaim.class, claim.getMetadata().getName()),
                    Labels.givenUp(snapshot, claim.getMetadata().getName(), DataClaim.COMPONENT)))
        .toList();
  }

  private static Child<PersistentVolumeClaim> like(
      PersistentVolumeClaim claim,
      ObjectKey<PersistentVolumeClaim> key,
      ObjectMetaBuilder metadata) {
    return Child.of(
        key, DataClaim.of(metadata, DataClaim.size(claim), claim.getSpec().getStorageClassName()));
  }
}
