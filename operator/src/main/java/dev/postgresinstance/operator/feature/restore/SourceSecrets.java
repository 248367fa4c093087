package dev.postgresinstance.operator.feature.restore;

import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.S3Store;
import dev.postgresinstance.api.v1alpha1.SecretReference;
import dev.postgresinstance.operator.feature.ReconcileInput;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Secrets that the store of a source names. A pod that mounts a missing one never starts. */
final class SourceSecrets {

  private SourceSecrets() {}

  private record Needed(SecretReference reference, String purpose, List<String> keys) {}

  private static Stream<Needed> needed(ArchiveStore store) {
    return Stream.ofNullable(store.s3()).flatMap(SourceSecrets::needed);
  }

  private static Stream<Needed> needed(S3Store store) {
    return Stream.of(
            new Needed(
                store.credentialsSecretRef(),
                "the credentials",
                List.of("accessKeyId", "secretAccessKey")),
            new Needed(store.caSecretRef(), "the authority", List.of("ca.crt")))
        .filter(needed -> needed.reference() != null);
  }

  /** What is wrong with them, in a sentence; empty if they can be mounted. */
  static Optional<String> fault(ReconcileInput input, ArchiveStore store) {
    return needed(store).flatMap(needed -> fault(input, needed).stream()).findFirst();
  }

  private static Optional<String> fault(ReconcileInput input, Needed needed) {
    String namespace = input.snapshot().instance().getMetadata().getNamespace();
    String name = needed.reference().name();
    Optional<Secret> secret = input.cluster().secret(namespace, name);
    if (secret.isEmpty()) {
      return Optional.of(
          "Secret %s in namespace %s, which the source names for %s of the store, does not exist."
              .formatted(name, namespace, needed.purpose()));
    }
    return needed.keys().stream()
        .filter(key -> !hasKey(secret.get(), key))
        .findFirst()
        .map(
            key ->
                "Secret %s in namespace %s has no key %s, which %s of the store needs."
                    .formatted(name, namespace, key, needed.purpose()));
  }

  private static boolean hasKey(Secret secret, String key) {
    return secret.getData() != null && secret.getData().containsKey(key);
  }

  /** A text that changes when one of them does. */
  static String versions(ReconcileInput input, ArchiveStore store) {
    String namespace = input.snapshot().instance().getMetadata().getNamespace();
    return needed(store)
        .flatMap(needed -> input.cluster().secret(namespace, needed.reference().name()).stream())
        .map(Secret::getMetadata)
        .map(metadata -> metadata.getUid() + " " + metadata.getResourceVersion())
        .collect(Collectors.joining("\n"));
  }
}
