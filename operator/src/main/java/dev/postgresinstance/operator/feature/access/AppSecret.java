package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.feature.access.secret.LoginData;
import dev.postgresinstance.operator.feature.data.DataRecord;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Instant;
import java.util.Optional;

/** The Secret that applications use. It is retained with the data and records whose data it is. */
public final class AppSecret {

  private AppSecret() {}

  /** The Secret as it should be. */
  public static Secret desired(
      Snapshot snapshot, Credentials credentials, Optional<DataRecord> record, Instant now) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    return new SecretBuilder()
        .withMetadata(
            Labels.retained(snapshot, Names.appSecret(snapshot.instance()), "credentials")
                .addToAnnotations(DataRecord.annotations(snapshot, record))
                .addToAnnotations(Rotation.annotations(snapshot, credentials.password(), now))
                .build())
        .withType(LoginData.TYPE)
        .withData(LoginData.of(snapshot, spec.username(), credentials.password(), spec.database()))
        .build();
  }
}
