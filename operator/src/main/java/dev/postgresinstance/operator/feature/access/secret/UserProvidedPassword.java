package dev.postgresinstance.operator.feature.access.secret;

import dev.postgresinstance.api.v1alpha1.PasswordSecretRef;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;
import java.util.Set;

/** The password in the Secret that spec.passwordSecretRef names. */
public final class UserProvidedPassword {

  private static final Set<String> TYPES = Set.of("Opaque", "kubernetes.io/basic-auth");

  private UserProvidedPassword() {}

  /** The reference in the spec; empty where the spec has none. */
  public static Optional<PasswordSecretRef> reference(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec().passwordSecretRef());
  }

  /** The password; empty where there is none, or none that can be used. */
  public static Optional<String> of(Snapshot snapshot) {
    return reference(snapshot.instance()).flatMap(reference -> read(snapshot, reference).text());
  }

  /** Why it cannot be used, in a sentence; empty where it can, or where the spec names none. */
  public static Optional<String> fault(Snapshot snapshot) {
    return reference(snapshot.instance())
        .flatMap(
            reference ->
                read(snapshot, reference)
                    .fault()
                    .map(
                        why ->
                            "Secret %s, which spec.passwordSecretRef names, %s."
                                .formatted(reference.name(), why)));
  }

  private static PasswordText read(Snapshot snapshot, PasswordSecretRef reference) {
    return snapshot
        .get(ObjectKey.USER_PASSWORD_SECRET)
        .map(secret -> read(secret, reference.key()))
        .orElseGet(() -> PasswordText.faulty("does not exist"));
  }

  private static PasswordText read(Secret secret, String key) {
    if (Identity.of(secret).isPresent()) {
      return PasswordText.faulty(
          "was created by the operator for an instance and cannot be used here");
    }
    return TYPES.contains(secret.getType())
        ? PasswordText.of(secret, key)
        : PasswordText.faulty(
            "has type %s; it must be Opaque or kubernetes.io/basic-auth"
                .formatted(secret.getType()));
  }
}
