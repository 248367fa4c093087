package dev.postgresinstance.operator.feature.access.secret;

import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Optional;

/**
 * The fallback of a Secret with {@code immutable: true}: its data stays, and its metadata, such as
 * owner and record of the data, is written all the same.
 */
public final class MetadataOnly {

  private MetadataOnly() {}

  /** A Secret with this fallback. */
  public static Child<Secret> fallback(Snapshot snapshot, ObjectKey<Secret> key, Secret desired) {
    return fallback(snapshot, key, desired, desired);
  }

  /**
   * A Secret with this fallback.
   *
   * @param metadata a Secret with the metadata that fits the present data
   */
  public static Child<Secret> fallback(
      Snapshot snapshot, ObjectKey<Secret> key, Secret desired, Secret metadata) {
    return Child.of(key, desired)
        .orElse(rejection -> withPresentData(snapshot, key, metadata, rejection));
  }

  private static Optional<Fallback<Secret>> withPresentData(
      Snapshot snapshot, ObjectKey<Secret> key, Secret metadata, Rejection rejection) {
    return snapshot
        .get(key)
        .filter(present -> rejection.isImmutableObject())
        .map(present -> new SecretBuilder(metadata).withData(present.getData()).build())
        .map(
            kept ->
                new Fallback.UseInstead<>(
                    kept, ApiProblems.rejected(snapshot.instance(), kept, rejection)));
  }
}
