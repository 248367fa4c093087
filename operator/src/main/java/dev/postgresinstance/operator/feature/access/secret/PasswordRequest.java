package dev.postgresinstance.operator.feature.access.secret;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.instance.Annotations;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Optional;

/** The request of a user for a new generated password, of an instance or of a role. */
public final class PasswordRequest {

  /** On the resource: any value. Changing it requests a new password. */
  public static final String ROTATE_PASSWORD = PostgresInstance.GROUP + "/rotate-password";

  /** On the published Secret: hash of the request that was fulfilled by its password. */
  public static final String ROTATED_PASSWORD = PostgresInstance.GROUP + "/rotated-password";

  private PasswordRequest() {}

  /** Hash of the request on a resource; empty if there is none. */
  public static Optional<String> of(HasMetadata resource) {
    return Annotations.get(resource, ROTATE_PASSWORD).map(Hashes::brief);
  }

  /** Hash of the request that the password in a Secret has fulfilled; empty if there is none. */
  public static Optional<String> fulfilledBy(Optional<Secret> published) {
    return Annotations.get(published, ROTATED_PASSWORD);
  }

  /** Whether the request on a resource is not fulfilled by the published password. */
  public static boolean isOpen(HasMetadata resource, Optional<Secret> published) {
    Optional<String> request = of(resource);
    return request.isPresent() && !fulfilledBy(published).equals(request);
  }
}
