package dev.postgresinstance.operator.feature.restore.inplace;

import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.ClaimInUse;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Optional;

/** What the status says about a restore in place. */
final class InPlaceMessages {

  static final String WITHOUT_BACKUP =
      "The annotation %s asks to restore the data in place, but the instance has no spec.backup, and so no archive to restore from. Nothing was changed. Remove the annotation."
          .formatted(Labels.RESTORE_TO);

  static final String WITHOUT_DATA =
      "The annotation %s asks to restore the data in place, but the instance has no data yet. Nothing was changed."
          .formatted(Labels.RESTORE_TO);

  /** A status is read on a screen. */
  private static final int QUOTED = 100;

  private InPlaceMessages() {}

  /** The annotation has another form. */
  static String malformed(Snapshot snapshot, String value) {
    return "The annotation %s is \"%s\", but it must be TARGET@UID: TARGET is a time such as 2026-11-28T09:15:00Z, a position such as 0/5000148, backup/NAME or latest, and UID is that of the claim in use. Nothing was changed. For example: %s"
        .formatted(Labels.RESTORE_TO, Text.abbreviate(value, QUOTED), command(snapshot, "latest"));
  }

  /** The annotation names a claim that is not in use. */
  static String otherClaim(Snapshot snapshot, RestoreRequest request) {
    return "The annotation %s names the claim with the uid %s, but the data is on claim %s with the uid %s. Nothing was changed. To restore the data that is in use now: %s"
        .formatted(
            Labels.RESTORE_TO,
            request.claimUid(),
            snapshot.claimName(),
            uid(snapshot),
            command(snapshot, request.targetText()));
  }

  /** The target is a time that has not come yet. */
  static String future(RestoreRequest request) {
    return "The annotation %s names the time %s, which is in the future. Nothing was changed. The restore begins then; remove the annotation to prevent that."
        .formatted(Labels.RESTORE_TO, request.targetText());
  }

  private static String command(Snapshot snapshot, String target) {
    return KubectlCommand.annotate(
        snapshot.instance(), Labels.RESTORE_TO, "%s@%s".formatted(target, uid(snapshot)));
  }

  private static String uid(Snapshot snapshot) {
    return snapshot
        .get(ObjectKey.CLAIM)
        .map(claim -> claim.getMetadata().getUid())
        .orElse("UID-OF-THE-CLAIM");
  }

  /** The claim of another restore is not gone yet. */
  static String blocked(PersistentVolumeClaim claim) {
    return "The restore begins when claim %s of an earlier restore is gone."
        .formatted(claim.getMetadata().getName());
  }

  /** The server is between two claims. */
  static String exchanging(Snapshot snapshot, PersistentVolumeClaim claim) {
    return "The data was restored onto claim %s, up to %s. The server is stopped%s, and starts again on that claim."
        .formatted(
            claim.getMetadata().getName(),
            reached(claim),
            snapshot.pod().isEmpty()
                ? " until what it has written last had the time to reach the archive"
                : "");
  }

  /** The server has the restored data. */
  static String inUse(Snapshot snapshot, PersistentVolumeClaim claim) {
    String former = Annotations.get(claim, ClaimInUse.REPLACES).orElse("");
    boolean isKept =
        snapshot.surroundings().claims().stream()
            .anyMatch(each -> each.getMetadata().getName().equals(former));
    return "The data was restored in place, up to %s, onto claim %s.%s"
        .formatted(
            reached(claim),
            claim.getMetadata().getName(),
            Optional.of(former)
                .filter(name -> isKept)
                .map(
                    name ->
                        " The former data, with all that was committed later, is on claim %s, which nothing uses any more. When nobody needs it: %s"
                            .formatted(
                                name, KubectlCommand.delete(snapshot.instance(), "pvc", name)))
                .orElse(""));
  }

  private static String reached(PersistentVolumeClaim claim) {
    return Annotations.get(claim, ClaimInUse.RESTORED).orElse("the requested state");
  }
}
