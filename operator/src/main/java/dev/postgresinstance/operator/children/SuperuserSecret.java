package dev.postgresinstance.operator.children;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;

/** The Secret of the superuser, which is there only while spec.superuserAccess is true. */
public final class SuperuserSecret {

  /** An owner that is nowhere. */
  private static final String NO_OWNER = "00000000-0000-0000-0000-000000000000";

  private SuperuserSecret() {}

  /** The Secret as it should be. */
  public static Secret desired(World world, SuperuserPassword password) {
    return secret(metadata(world))
        .withData(LoginData.of(world, Names.SUPERUSER, password.password(), Names.SUPERUSER))
        .build();
  }

  /**
   * The Secret as it should be when nobody wants it any more: empty, and left to the garbage
   * collector, which deletes what has only owners that do not exist. So the operator needs no right
   * to delete Secrets.
   */
  public static Secret givenUp(World world) {
    return secret(
            metadata(world)
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
  private static ObjectMetaBuilder metadata(World world) {
    return Labels.owned(world, Names.superuserSecret(world.instance()), "credentials");
  }
}
