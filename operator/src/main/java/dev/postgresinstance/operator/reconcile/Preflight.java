package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.access.UserProvidedPassword;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.feature.data.UserConsent;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Ownership;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.report.Abort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Optional;

/** What stops a pass before anything is written. */
final class Preflight {

  private Preflight() {}

  /**
   * A pass reads and writes only what belongs to its own instance.
   *
   * @throws Refusal when something does not
   */
  static void strangers(Snapshot snapshot) {
    String identity = Identity.of(snapshot);
    snapshot.children().forEach(child -> refuseFormer(snapshot, child, identity));
    snapshot.children().stream()
        .filter(child -> !UserConsent.covers(snapshot, child))
        .forEach(child -> ConditionalApply.refuseStranger(child, identity));
  }

  /**
   * What goes with a former resource of that name is not taken back: a part of it may be gone. What
   * only serves the data is, where the data stays.
   */
  private static void refuseFormer(Snapshot snapshot, HasMetadata child, String identity) {
    boolean stays =
        snapshot.kept().noneMatch(child::equals)
            && Identity.of(child).equals(Optional.of(identity));
    if (!stays && Ownership.goesWithFormer(snapshot.instance(), child)) {
      throw new Abort(
          Reason.CREATING,
          ("%s %s goes with the former instance of that name, which was deleted with"
                  + " deletionPolicy Delete; a new one follows.")
              .formatted(child.getKind(), child.getMetadata().getName()));
    }
  }

  /**
   * Nothing is done to a claim that is being deleted, or for a spec that is not one of the data.
   *
   * @throws Refusal when it is so
   */
  static void data(Snapshot snapshot, Optional<DataRecord> record) {
    if (snapshot.claim().filter(c -> c.getMetadata().getDeletionTimestamp() != null).isPresent()) {
      String claim = Names.claim(snapshot.instance());
      throw new Abort(
          Reason.CLAIM_TERMINATING,
          ("Claim %s is being deleted; only the running pod holds the volume, and the operator does"
                  + " not end it. To save the data, set the reclaim policy of its persistent volume"
                  + " to Retain, or take a dump, before the pod ends.")
              .formatted(claim));
    }
    record
        .flatMap(data -> data.mismatch(snapshot))
        .ifPresent(
            difference -> {
              throw new Abort(Reason.SPEC_DOES_NOT_MATCH_DATA, difference);
            });
  }

  /**
   * Nothing is done while the password cannot be told.
   *
   * @throws Refusal when it is so
   */
  static void password(Snapshot snapshot, Instant now) {
    Credentials.fault(snapshot)
        .or(
            () ->
                Credentials.persistedPassword(snapshot, now).isEmpty()
                    ? UserProvidedPassword.fault(snapshot)
                    : Optional.empty())
        .ifPresent(
            fault -> {
              throw new Abort(
                  Reason.PASSWORD_SECRET_INVALID,
                  fault + " Nothing is changed in the database until there is a password.");
            });
  }
}
