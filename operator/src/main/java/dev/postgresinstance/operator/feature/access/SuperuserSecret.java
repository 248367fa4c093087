package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.feature.access.secret.LoginData;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;

/** The Secret of the superuser, which exists only while spec.superuserAccess is true. */
final class SuperuserSecret {

  private SuperuserSecret() {}

  /** The Secret as it should be. */
  static Secret desired(Snapshot snapshot, SuperuserPassword password) {
    return secret(metadata(snapshot))
        .withData(LoginData.of(snapshot, Names.SUPERUSER, password.password(), Names.SUPERUSER))
        .build();
  }

  /** The Secret when the spec no longer asks for it. */
  static Secret givenUp(Snapshot snapshot) {
    return secret(
            Labels.givenUp(snapshot, Names.superuserSecret(snapshot.instance()), "credentials"))
        .build();
  }

  private static SecretBuilder secret(ObjectMetaBuilder metadata) {
    return new SecretBuilder().withMetadata(metadata.build()).withType(LoginData.TYPE);
  }

  /** Owned by the resource: a restored instance gets a new password. */
  private static ObjectMetaBuilder metadata(Snapshot snapshot) {
    return Labels.owned(snapshot, Names.superuserSecret(snapshot.instance()), "credentials");
  }
}
