package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.api.v1alpha1.PostgresRoleStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.api.v1alpha1.RoleCorrection;
import dev.postgresinstance.operator.common.Text;
import dev.postgresinstance.operator.feature.roles.database.RoleAction;
import dev.postgresinstance.operator.feature.roles.database.RoleFinding;
import dev.postgresinstance.operator.feature.roles.database.RolesFindings;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What users see of a role: the status of the PostgresRole, and Events. */
public final class RoleReport {

  /** Limit for messages that quote other programs. */
  private static final int MAX_MESSAGE = 2_000;

  private static final String READY = PostgresRoleStatus.READY;

  private RoleReport() {}

  /**
   * The status.
   *
   * @param state the reason and message of {@code Ready}
   * @param finding what the last session found; empty if none has looked
   */
  public static PostgresRoleStatus status(
      RoleResource role, Problem state, Optional<RoleFinding> finding, Instant now) {
    PostgresRole resource = role.resource();
    Optional<PostgresRoleStatus> before = Optional.ofNullable(resource.getStatus());
    Optional<String> oid =
        finding.flatMap(RoleFinding::oid).or(() -> before.map(PostgresRoleStatus::oid));
    return new PostgresRoleStatus(
        resource.getMetadata().getGeneration(),
        conditions(resource, state, now),
        resource.getSpec() == null ? null : role.roleName(),
        oid.orElse(null),
        role.ownSecret()
            .filter(secret -> RoleSecret.isRequested(resource))
            .map(secret -> new BindingStatus(Names.roleSecret(resource)))
            .orElse(null),
        finding
            .flatMap(found -> correction(found, before))
            .or(() -> before.map(PostgresRoleStatus::lastCorrection))
            .orElse(null));
  }

  /**
   * The status while a problem keeps the operator from reading everything: the rest of it stays.
   */
  public static PostgresRoleStatus unread(PostgresRole resource, Problem problem, Instant now) {
    Optional<PostgresRoleStatus> before = Optional.ofNullable(resource.getStatus());
    return new PostgresRoleStatus(
        resource.getMetadata().getGeneration(),
        conditions(resource, problem, now),
        before.map(PostgresRoleStatus::name).orElse(null),
        before.map(PostgresRoleStatus::oid).orElse(null),
        before.map(PostgresRoleStatus::binding).orElse(null),
        before.map(PostgresRoleStatus::lastCorrection).orElse(null));
  }

  private static boolean isReady(PostgresRole role) {
    return Optional.ofNullable(role.getStatus())
        .flatMap(status -> status.condition(READY))
        .filter(ready -> "True".equals(ready.getStatus()))
        .isPresent();
  }

  /**
   * The PostgresRoles of which the last session has found something else than the one before, those
   * that are not ready, and those whose Secret is missing.
   */
  public static List<PostgresRole> outdated(
      Snapshot snapshot, Optional<RolesFindings> before, Optional<RolesFindings> now) {
    return snapshot.surroundings().roles().stream()
        .filter(
            role ->
                !isReady(role.resource())
                    || RoleSecret.isRequested(role.resource()) != role.ownSecret().isPresent()
                    || !finding(before, role).equals(finding(now, role)))
        .map(RoleResource::resource)
        .toList();
  }

  private static Optional<RoleFinding> finding(
      Optional<RolesFindings> findings, RoleResource role) {
    return findings.map(found -> found.roles().get(role.uid()));
  }

  /** A correction that the status does not contain yet. */
  private static Optional<RoleCorrection> correction(
      RoleFinding finding, Optional<PostgresRoleStatus> before) {
    Optional<String> known = before.map(PostgresRoleStatus::oid);
    Optional<Instant> last =
        before
            .map(PostgresRoleStatus::lastCorrection)
            .map(RoleCorrection::time)
            .map(Instant::parse);
    return finding
        .action()
        .filter(action -> !action.created() || isAnother(known, finding.oid()))
        .filter(action -> last.filter(time -> !time.isBefore(seconds(action))).isEmpty())
        .map(
            action ->
                new RoleCorrection(
                    seconds(action).toString(),
                    Text.abbreviate(
                        "The role was not as requested: " + action.message() + ".", MAX_MESSAGE)));
  }

  /** Whether a role that existed was created again. */
  private static boolean isAnother(Optional<String> known, Optional<String> now) {
    return known.isPresent() && now.isPresent() && !known.equals(now);
  }

  private static Instant seconds(RoleAction action) {
    return action.time().truncatedTo(ChronoUnit.SECONDS);
  }

  private static List<Condition> conditions(PostgresRole role, Problem state, Instant now) {
    List<Condition> conditions = new ArrayList<>();
    boolean ready = state.reason() == Reason.ROLE_READY;
    conditions.add(condition(role, READY, ready, state, now));
    if (!ready) {
      ConditionType type =
          state.reason().needsPerson() ? ConditionType.STALLED : ConditionType.RECONCILING;
      conditions.add(condition(role, type.type(), true, state, now));
    }
    return conditions;
  }

  private static Condition condition(
      PostgresRole role, String type, boolean value, Problem state, Instant now) {
    String status = value ? "True" : "False";
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(state.reason().word())
        .withMessage(Text.abbreviate(state.message(), MAX_MESSAGE))
        .withObservedGeneration(role.getMetadata().getGeneration())
        .withLastTransitionTime(
            Optional.ofNullable(role.getStatus())
                .flatMap(before -> before.condition(type))
                .filter(before -> before.getStatus().equals(status))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString()))
        .build();
  }

  /** The Events that report the differences between two statuses. */
  public static List<EventMessage> events(PostgresRole before, PostgresRoleStatus next) {
    Optional<PostgresRoleStatus> last = Optional.ofNullable(before.getStatus());
    List<EventMessage> events = new ArrayList<>();
    Optional.ofNullable(next.lastCorrection())
        .filter(
            correction ->
                !Objects.equals(
                    correction, last.map(PostgresRoleStatus::lastCorrection).orElse(null)))
        .map(c -> EventMessage.action(EventReason.ROLE_CORRECTED, c.message()))
        .ifPresent(events::add);
    Optional<String> reason =
        last.flatMap(status -> status.condition(READY)).map(Condition::getReason);
    next.condition(READY)
        .filter(ready -> !reason.equals(Optional.of(ready.getReason())))
        .flatMap(
            ready ->
                Reason.of(ready.getReason())
                    .map(word -> EventMessage.transition(word, ready.getMessage())))
        .ifPresent(events::add);
    return events;
  }
}
