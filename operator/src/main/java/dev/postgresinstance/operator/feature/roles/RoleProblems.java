package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.roles.database.KeptRole;
import dev.postgresinstance.operator.feature.roles.database.RoleFinding;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Exists;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Expired;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.LoginFailed;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.NotGrantable;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.PasswordAccepted;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.PasswordRejected;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Refused;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Settled;
import dev.postgresinstance.operator.feature.roles.database.RoleOutcome.Waiting;
import dev.postgresinstance.operator.feature.roles.database.RolesFindings;
import dev.postgresinstance.operator.instance.KubectlCommand;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.PsqlCommand;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.SqlText;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/** The texts about roles: reason and message of {@code Ready}, and notes about the instance. */
public final class RoleProblems {

  /** From this major version on, a membership may leave out the privileges. */
  private static final int FIRST_WITH_GRANT_OPTIONS = 16;

  private RoleProblems() {}

  /** A field of the spec that this version of the operator cannot read. */
  public static Problem notUnderstood(String field) {
    return new Problem(
        Reason.SPEC_NOT_UNDERSTOOD,
        "This version of the operator cannot read %s. Set a value that this version knows, or run a newer operator."
            .formatted(field));
  }

  /** The instance does not exist. */
  public static Problem withoutInstance(String name) {
    return new Problem(
        Reason.ROLE_PENDING,
        "There is no PostgresInstance %s in this namespace. The operator creates the role when there is one."
            .formatted(name));
  }

  /** The instance cannot be read. */
  public static Problem instanceNotUnderstood(String name) {
    return new Problem(
        Reason.ROLE_PENDING,
        "This version of the operator cannot read the spec of PostgresInstance %s; its status says why."
            .formatted(name));
  }

  /** The user-provided password cannot be used. */
  public static Problem password(String secret, String fault) {
    return new Problem(
        Reason.PASSWORD_SECRET_INVALID,
        "Secret %s, which spec.passwordSecretRef names, %s. Nothing is changed in the database until the Secret is valid."
            .formatted(secret, fault));
  }

  /** Somebody else has an object with the name of the Secret. */
  public static Problem foreignSecret(HasMetadata role) {
    return new Problem(
        Reason.CONFLICT,
        "Secret %s exists and does not belong to this PostgresRole; it was not changed. Give the PostgresRole another name, or delete that Secret if nobody needs it: %s"
            .formatted(
                Names.roleSecret(role),
                KubectlCommand.delete(role, "secret", Names.roleSecret(role))));
  }

  /**
   * Reason and message of {@code Ready}.
   *
   * @param finding what the last session found; empty if none has looked at the present request
   */
  public static Problem state(RoleResource role, Snapshot snapshot, Optional<RoleFinding> finding) {
    return RoleClaims.problem(role, snapshot)
        .or(() -> finding.map(found -> of(found.outcome(), role, snapshot)))
        .orElseGet(() -> pending(snapshot));
  }

  private static Problem of(RoleOutcome outcome, RoleResource role, Snapshot snapshot) {
    String name = role.roleName();
    return switch (outcome) {
      case Settled settled ->
          new Problem(
              Reason.ROLE_READY,
              RoleSecret.isRequested(role.resource())
                  ? "The role %s is as requested, and a login with the password in Secret %s succeeds."
                      .formatted(name, Names.roleSecret(role.resource()))
                  : "The role %s is as requested.".formatted(name));
      case Waiting(String message) -> new Problem(Reason.ROLE_PENDING, message);
      case Refused(String message) -> new Problem(Reason.ROLE_REFUSED, message);
      case LoginFailed(String message) ->
          new Problem(
              Reason.LOGIN_REFUSED,
              "PostgreSQL refuses the login of the role %s: %s".formatted(name, message));
      case PasswordAccepted(String message, boolean blocked) ->
          new Problem(
              blocked ? Reason.LOGIN_REFUSED : Reason.ROLE_READY,
              "The role %s is as requested. PostgreSQL accepts the password, but refuses the connection: %s"
                  .formatted(name, message));
      case PasswordRejected(String message) ->
          new Problem(
              Reason.LOGIN_REFUSED,
              "PostgreSQL refuses the login of the role %s although its password was set: %s. The operator does not set it again. Undo what keeps the role from logging in, or request a new password."
                  .formatted(name, message));
      case Expired expired -> expired(name, role.resource().getSpec().validUntil());
      case NotGrantable(String group) ->
          new Problem(
              Reason.ROLE_REFUSED,
              "spec.memberOf names %s, which no PostgresRole has created. A superuser has to allow the operator to grant it: %s"
                  .formatted(group, PsqlCommand.of(snapshot.instance(), grant(group, snapshot))));
      case Exists exists -> exists(exists, role, snapshot);
    };
  }

  /** What the spec omits, an accepted role may have. */
  private static Problem expired(String name, String end) {
    return new Problem(
        Reason.ROLE_EXPIRED,
        end == null
            ? "The role %s has a VALID UNTIL of its own, which is over: nobody can log in as the role. Set spec.validUntil to a later time, or delete this PostgresRole."
                .formatted(name)
            : "spec.validUntil, %s, is over: nobody can log in as the role %s. Set a later time or remove it, or delete this PostgresRole."
                .formatted(end, name));
  }

  private static Problem exists(Exists exists, RoleResource role, Snapshot snapshot) {
    String name = role.roleName();
    String accept =
        "kubectl annotate --overwrite -n %s pgrole %s %s=%s"
            .formatted(
                role.resource().getMetadata().getNamespace(),
                role.resource().getMetadata().getName(),
                RoleResource.ACCEPT_ROLE,
                exists.oid());
    String allow =
        exists.usable() ? "" : PsqlCommand.of(snapshot.instance(), grant(name, snapshot)) + " && ";
    return new Problem(
        Reason.ALREADY_EXISTS,
        "The role %s exists, and this PostgresRole has not created it; it was not changed. Give this PostgresRole another spec.name, or accept the role, which sets its password: %s%s"
            .formatted(name, allow, accept));
  }

  /** Lets the operator administer a role, and have none of its privileges. */
  private static String grant(String role, Snapshot snapshot) {
    boolean hasOptions =
        snapshot.instance().getSpec().version().major() >= FIRST_WITH_GRANT_OPTIONS;
    return "GRANT %s TO %s WITH %s"
        .formatted(
            SqlText.identifier(role),
            Names.OPERATOR_ROLE,
            hasOptions ? "ADMIN TRUE, INHERIT FALSE, SET FALSE" : "ADMIN OPTION");
  }

  private static Problem pending(Snapshot snapshot) {
    PostgresInstance instance = snapshot.instance();
    String name = instance.getMetadata().getName();
    if (snapshot.paused()) {
      return new Problem(
          Reason.ROLE_PENDING,
          "PostgresInstance %s is paused. The operator changes nothing in its database until spec.paused is false."
              .formatted(name));
    }
    if (snapshot.suspended()) {
      return new Problem(
          Reason.ROLE_PENDING,
          "PostgresInstance %s is suspended. The operator sets the role when spec.suspend is false."
              .formatted(name));
    }
    return new Problem(
        Reason.ROLE_PENDING,
        snapshot
            .previousStatus()
            .condition(ConditionType.READY)
            .filter(ready -> !"True".equals(ready.getStatus()))
            .map(
                ready -> "PostgresInstance %s is not ready: %s".formatted(name, ready.getMessage()))
            .orElseGet(
                () -> "The operator sets the role with its next login to %s.".formatted(name)));
  }

  /** What the instance reports of roles that should be dropped. */
  static List<String> notes(RolesFindings findings) {
    return findings.kept().entrySet().stream()
        .map(kept -> note(kept.getKey(), kept.getValue()))
        .toList();
  }

  private static String note(String role, KeptRole kept) {
    return kept.owns()
        ? "RoleOwnsObjects: role %s stays although its PostgresRole with the deletionPolicy Delete is gone, and nobody can log in as it: %s. It is dropped once it owns nothing and has no privileges."
            .formatted(role, kept.why().replace("\n", ", "))
        : "RoleNotDropped: role %s stays although its PostgresRole with the deletionPolicy Delete is gone, because PostgreSQL refuses to drop it: %s. The operator tries again."
            .formatted(role, kept.why());
  }
}
