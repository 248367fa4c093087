package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Instant;
import java.util.Optional;

/** The Secret that applications use. It stays with the data, and says whose they are. */
public final class AppSecret {

  private AppSecret() {}

  /** The Secret as it should be. */
  public static Secret desired(
      World world, Credentials credentials, Optional<DataRecord> record, Instant now) {
    PostgresInstanceSpec spec = world.instance().getSpec();
    return new SecretBuilder()
        .withMetadata(
            Labels.kept(world, Names.appSecret(world.instance()), "credentials")
                .addToAnnotations(DataRecord.annotations(world, record))
                .addToAnnotations(Rotation.annotations(world, credentials.password(), now))
                .build())
        .withType(LoginData.TYPE)
        .withData(LoginData.of(world, spec.username(), credentials.password(), spec.database()))
        .build();
  }
}
