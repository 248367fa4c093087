package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.api.v1alpha1.PasswordSecretRef;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.operator.feature.access.secret.LoginData;
import dev.postgresinstance.operator.feature.access.secret.PasswordRequest;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.feature.access.secret.UserProvidedPassword;
import dev.postgresinstance.operator.feature.roles.database.RoleFinding;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The Secret with the login of a role. It is deleted with the PostgresRole. A new password is
 * published first and set in the database a moment later, so that no moment exists in which it is
 * known to nobody.
 */
public final class RoleSecret {

  private RoleSecret() {}

  /** The Secret with the password that the spec names; empty if the operator generates it. */
  public static Optional<PasswordSecretRef> reference(PostgresRole role) {
    return Optional.ofNullable(role.getSpec()).map(spec -> spec.passwordSecretRef());
  }

  /** Whether the role needs a Secret. */
  public static boolean isRequested(PostgresRole role) {
    return role.getSpec() != null && !Boolean.FALSE.equals(role.getSpec().login());
  }

  /**
   * Whether the Secret may be written: not for a role that belongs to somebody else, so that nobody
   * finds a password that is not in force. A session has to look for the role before there is a new
   * password; the Secret that is there is kept up to date without.
   *
   * @param finding what the last session found; empty if none has looked
   */
  public static boolean mayBeWritten(RoleResource role, Optional<RoleFinding> finding) {
    return finding
        .map(RoleFinding::available)
        .orElseGet(
            () ->
                role.ownSecret().isPresent()
                    && !PasswordRequest.isOpen(role.resource(), role.ownSecret()));
  }

  /**
   * The password to publish, or why there is none.
   *
   * @param provided the Secret that the spec names; empty if it names none, or there is none
   * @param generated gives a new password
   */
  public static PasswordText password(
      RoleResource role, Optional<Secret> provided, Supplier<String> generated) {
    return reference(role.resource())
        .map(reference -> UserProvidedPassword.read(provided, reference))
        .orElseGet(
            () ->
                PasswordText.in(role.ownSecret())
                    .filter(present -> !PasswordRequest.isOpen(role.resource(), role.ownSecret()))
                    .map(present -> new PasswordText(Optional.of(present), Optional.empty()))
                    .orElseGet(
                        () -> new PasswordText(Optional.of(generated.get()), Optional.empty())));
  }

  /** The Secret as it should be. */
  public static Secret desired(Snapshot snapshot, RoleResource role, String password) {
    Map<String, String> annotations =
        new TreeMap<>(Map.of(Labels.INSTANCE_ID, Identity.of(snapshot)));
    PostgresRole resource = role.resource();
    PasswordRequest.of(resource)
        .ifPresent(request -> annotations.put(PasswordRequest.ROTATED_PASSWORD, request));
    return new SecretBuilder()
        .withNewMetadata()
        .withName(Names.roleSecret(resource))
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(snapshot.instance(), "role"))
        .withAnnotations(annotations)
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion(resource.getApiVersion())
                .withKind(resource.getKind())
                .withName(resource.getMetadata().getName())
                .withUid(resource.getMetadata().getUid())
                .withController(true)
                .build())
        .endMetadata()
        .withType(LoginData.TYPE)
        .withData(
            LoginData.of(
                snapshot, role.roleName(), password, snapshot.instance().getSpec().database()))
        .build();
  }

  /**
   * The Secret of a role that no longer logs in: owned by an object that does not exist, so that
   * the garbage collector deletes it.
   */
  public static Secret givenUp(Snapshot snapshot, RoleResource role, Secret present) {
    return new SecretBuilder(desired(snapshot, role, ""))
        .editMetadata()
        .editFirstOwnerReference()
        .withUid(Labels.NO_OWNER)
        .withController(false)
        .endOwnerReference()
        .endMetadata()
        .withType(present.getType())
        .withData(present.getData())
        .build();
  }
}
