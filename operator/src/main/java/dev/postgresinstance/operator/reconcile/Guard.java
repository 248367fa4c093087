package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.children.CallersPassword;
import dev.postgresinstance.operator.children.Consent;
import dev.postgresinstance.operator.children.Credentials;
import dev.postgresinstance.operator.children.DataRecord;
import dev.postgresinstance.operator.children.Identity;
import dev.postgresinstance.operator.children.Names;
import dev.postgresinstance.operator.children.Ownership;
import dev.postgresinstance.operator.children.World;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Optional;

/** What stops a pass before anything is written. */
final class Guard {

  private Guard() {}

  /**
   * A pass reads and writes only what belongs to its own instance.
   *
   * @throws Refusal when something does not
   */
  static void strangers(World world) {
    String identity = Identity.of(world);
    world.children().forEach(child -> refuseFormer(world, child, identity));
    world.children().stream()
        .filter(child -> !Consent.covers(world, child))
        .forEach(child -> Apply.refuseStranger(child, identity));
  }

  /**
   * What goes with a former resource of that name is not taken back: a part of it may be gone. What
   * only serves the data is, where the data stays.
   */
  private static void refuseFormer(World world, HasMetadata child, String identity) {
    boolean stays =
        world.kept().noneMatch(child::equals) && Identity.of(child).equals(Optional.of(identity));
    if (!stays && Ownership.goesWithFormer(world.instance(), child)) {
      throw new Refusal(
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
  static void data(World world, Optional<DataRecord> record) {
    if (world.claim().filter(c -> c.getMetadata().getDeletionTimestamp() != null).isPresent()) {
      String claim = Names.claim(world.instance());
      throw new Refusal(
          Reason.CLAIM_TERMINATING,
          ("Claim %s is being deleted; only the running pod holds the volume, and the operator does"
                  + " not end it. To save the data, set the reclaim policy of its persistent volume"
                  + " to Retain, or take a dump, before the pod ends.")
              .formatted(claim));
    }
    record
        .flatMap(data -> data.mismatch(world))
        .ifPresent(
            difference -> {
              throw new Refusal(Reason.SPEC_DOES_NOT_MATCH_DATA, difference);
            });
  }

  /**
   * Nothing is done while the password cannot be told.
   *
   * @throws Refusal when it is so
   */
  static void password(World world, Instant now) {
    Credentials.fault(world)
        .or(
            () ->
                Credentials.persistedPassword(world, now).isEmpty()
                    ? CallersPassword.fault(world)
                    : Optional.empty())
        .ifPresent(
            fault -> {
              throw new Refusal(
                  Reason.PASSWORD_SECRET_INVALID,
                  fault + " Nothing is changed in the database until there is a password.");
            });
  }
}
