package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.PasswordSecretRef;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;
import java.util.Set;

/** The password that the spec refers to. */
public final class UserProvidedPassword {

  /** On a Secret: have a change seen at once, and not within a minute. */
  public static final String WATCH = PostgresInstance.GROUP + "/watch";

  private static final Set<String> TYPES = Set.of("Opaque", "kubernetes.io/basic-auth");

  private UserProvidedPassword() {}

  /** Which Secret it is in; empty where the spec refers to none. */
  public static Optional<PasswordSecretRef> reference(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec())
        .flatMap(spec -> Optional.ofNullable(spec.passwordSecretRef()));
  }

  /** The password; empty where there is none, or none that can be used. */
  static Optional<String> of(Snapshot snapshot) {
    return reference(snapshot.instance())
        .filter(reference -> fault(snapshot).isEmpty())
        .flatMap(
            reference ->
                snapshot.userPasswordSecret().map(s -> PasswordText.of(s, reference.key())))
        .flatMap(PasswordText::text);
  }

  /** Why it cannot be used, in a sentence; empty where it can, or none is asked for. */
  public static Optional<String> fault(Snapshot snapshot) {
    return reference(snapshot.instance())
        .flatMap(
            reference ->
                (snapshot.userPasswordSecret().isEmpty()
                        ? Optional.of("does not exist")
                        : fault(snapshot.userPasswordSecret().get(), reference.key()))
                    .map(
                        why ->
                            "Secret %s, to which spec.passwordSecretRef refers, %s."
                                .formatted(reference.name(), why)));
  }

  private static Optional<String> fault(Secret secret, String key) {
    if (Identity.of(secret).isPresent()) {
      return Optional.of("is one that the operator itself makes for an instance");
    }
    return TYPES.contains(secret.getType())
        ? PasswordText.of(secret, key).fault()
        : Optional.of(
            "is of type %s, and not Opaque or kubernetes.io/basic-auth"
                .formatted(secret.getType()));
  }
}
