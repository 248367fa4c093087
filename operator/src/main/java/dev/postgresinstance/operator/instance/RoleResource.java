package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Optional;

/**
 * A PostgresRole of an instance, and what the operator has published for it.
 *
 * @param resource the PostgresRole
 * @param secret the object with the name of its Secret, whoever it belongs to; empty where there is
 *     none
 */
public record RoleResource(PostgresRole resource, Optional<Secret> secret) {

  /** Annotation of a PostgresRole: number (oid) of the existing role that the user accepts. */
  public static final String ACCEPT_ROLE = PostgresInstance.GROUP + "/accept-role";

  /** Identifies the resource; another one of the same name has another uid. */
  public String uid() {
    return resource.getMetadata().getUid();
  }

  /** Name of the role in the database. */
  public String roleName() {
    return roleName(resource);
  }

  /** Name of the role in the database. */
  public static String roleName(PostgresRole resource) {
    return Optional.ofNullable(resource.getSpec())
        .map(spec -> spec.name())
        .orElseGet(() -> resource.getMetadata().getName());
  }

  /** The Secret of this resource; empty where there is none, or one of somebody else. */
  public Optional<Secret> ownSecret() {
    return secret.filter(present -> isOwn(present));
  }

  private boolean isOwn(Secret present) {
    return Optional.ofNullable(present.getMetadata().getOwnerReferences())
        .orElse(List.of())
        .stream()
        .map(OwnerReference::getUid)
        .anyMatch(uid()::equals);
  }
}
