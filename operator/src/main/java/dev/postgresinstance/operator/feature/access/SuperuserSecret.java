package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;

/** The Secret of the superuser, which is there only while spec.superuserAccess is true. */
public final class SuperuserSecret {

  /** An owner that is nowhere. */
  private static final String NO_OWNER = "00000000-0000-0000-0000-000000000000";

  private SuperuserSecret() {}

  /** The Secret as it should be. */
  public static Secret desired(Snapshot snapshot, SuperuserPassword password) {
    return secret(metadata(snapshot))
        .withData(LoginData.of(snapshot, Names.SUPERUSER, password.password(), Names.SUPERUSER))
        .build();
  }

  /**
   * The Secret as it should be when nobody wants it any more: empty, and left to the garbage
   * collector, which deletes what has only owners that do not exist. So the operator needs no right
   * to delete Secrets.
   */
  public static Secret givenUp(Snapshot snapshot) {
    return secret(
            metadata(snapshot)
                .editFirstOwnerReference()
                .withUid(NO_OWNER)
                .withController(false)
                .endOwnerReference())
        .build();
  }

  private static SecretBuilder secret(ObjectMetaBuilder metadata) {
    return new SecretBuilder().withMetadata(metadata.build()).withType(LoginData.TYPE);
  }

  /** It goes with the resource: what comes back gets a new password. */
  private static ObjectMetaBuilder metadata(Snapshot snapshot) {
    return Labels.owned(snapshot, Names.superuserSecret(snapshot.instance()), "credentials");
  }
}
