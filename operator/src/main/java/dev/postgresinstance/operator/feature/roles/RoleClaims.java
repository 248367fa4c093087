package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.api.v1alpha1.PostgresRoleSpec;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.feature.roles.database.RoleRequest;
import dev.postgresinstance.operator.feature.roles.database.RolesRequest;
import dev.postgresinstance.operator.instance.Annotations;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.Role;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Which role each PostgresRole of an instance has, and what it asks for. */
public final class RoleClaims {

  private RoleClaims() {}

  /** What all of them ask for. */
  public static RolesRequest request(Snapshot snapshot) {
    List<RoleResource> all = snapshot.surroundings().roles();
    return new RolesRequest(
        Identity.of(snapshot),
        snapshot.instance().getSpec().database(),
        snapshot.instance().getSpec().username(),
        all.stream().map(RoleResource::uid).collect(Collectors.toSet()),
        all.stream().flatMap(role -> of(role, snapshot).stream()).toList());
  }

  /** What one asks for; empty if it cannot have its role. */
  public static Optional<RoleRequest> of(RoleResource role, Snapshot snapshot) {
    return role.resource().getSpec() == null || problem(role, snapshot).isPresent()
        ? Optional.empty()
        : Optional.of(request(role));
  }

  /** Why a PostgresRole cannot have its role; empty if it can. */
  static Optional<Problem> problem(RoleResource role, Snapshot snapshot) {
    String name = role.roleName();
    if (name.equals(snapshot.instance().getSpec().username())) {
      return refused(
          "spec.name is %s, like spec.username of PostgresInstance %s, which has that role. Name another role."
              .formatted(name, snapshot.instance().getMetadata().getName()));
    }
    if (isReserved(name)) {
      return refused(
          "spec.name is %s, which PostgreSQL or the operator reserve. Name another role."
              .formatted(name));
    }
    String end = role.resource().getSpec().validUntil();
    if (end != null && time(end).isEmpty()) {
      return refused("spec.validUntil is %s, and there is no such time.".formatted(end));
    }
    return older(role, snapshot)
        .map(
            other ->
                new Problem(
                    Reason.CONFLICT,
                    "PostgresRole %s is older and has the role %s already. Give this one another spec.name, or delete one of them."
                        .formatted(other.resource().getMetadata().getName(), name)));
  }

  private static Optional<Problem> refused(String message) {
    return Optional.of(new Problem(Reason.ROLE_REFUSED, message));
  }

  /** The CRD has the same rule; another CRD may not. */
  private static boolean isReserved(String name) {
    return name.startsWith("pg_")
        || name.startsWith("pgi_")
        || Set.of(Names.SUPERUSER, "public", "none").contains(name);
  }

  /**
   * The oldest other PostgresRole with the same role, if it is older. Of those from the same
   * second, the one counts as older that has the role already.
   */
  private static Optional<RoleResource> older(RoleResource role, Snapshot snapshot) {
    Comparator<RoleResource> byAge =
        Comparator.<RoleResource, String>comparing(
                r ->
                    Optional.ofNullable(r.resource().getMetadata().getCreationTimestamp())
                        .orElse(""))
            .thenComparing(r -> !isSet(r.resource()))
            .thenComparing(RoleResource::uid);
    return snapshot.surroundings().roles().stream()
        .filter(other -> other.resource().getSpec() != null)
        .filter(other -> other.roleName().equals(role.roleName()))
        .min(byAge)
        .filter(oldest -> byAge.compare(oldest, role) < 0);
  }

  private static boolean isSet(PostgresRole resource) {
    return resource.getStatus() != null && resource.getStatus().oid() != null;
  }

  private static RoleRequest request(RoleResource role) {
    PostgresRoleSpec spec = role.resource().getSpec();
    boolean login = !Boolean.FALSE.equals(spec.login());
    return new RoleRequest(
        role.uid(),
        role.resource().getMetadata().getName(),
        role.roleName(),
        login,
        Optional.ofNullable(spec.memberOf()).orElse(List.of()).stream().sorted().toList(),
        Optional.ofNullable(spec.connectionLimit()),
        Optional.ofNullable(spec.validUntil()).flatMap(RoleClaims::time),
        new TreeMap<>(Optional.ofNullable(spec.parameters()).orElse(Map.of())),
        PasswordText.in(role.ownSecret())
            .filter(password -> login)
            .map(password -> new Role(role.roleName(), password)),
        Annotations.get(role.resource(), RoleResource.ACCEPT_ROLE),
        spec.deletionPolicy() == DeletionPolicy.DELETE);
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
