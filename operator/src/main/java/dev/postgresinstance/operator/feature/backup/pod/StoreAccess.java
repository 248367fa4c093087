package dev.postgresinstance.operator.feature.backup.pod;

import dev.postgresinstance.api.v1alpha1.S3Store;
import dev.postgresinstance.api.v1alpha1.SecretReference;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a program needs to reach a store: variables, and the mounted Secrets of the user. */
record StoreAccess(S3Store store) {

  private static final String CREDENTIALS = "store-credentials";
  private static final String AUTHORITY = "store-ca";

  /** Both folders are optional: without them, the identity of the service account counts. */
  private static final String CREDENTIALS_PATH = "/etc/pgi-store/credentials";

  private static final String AUTHORITY_PATH = "/etc/pgi-store/ca";

  /** The only key of the authority's Secret that is mounted: the Secret may have a private key. */
  private static final String AUTHORITY_KEY = "ca.crt";

  /** Programs read the files as the group of the pod. */
  private static final int MODE = 0440;

  /** The variables that describe the store; those without a value are empty. */
  List<EnvVar> variables() {
    return List.of(
        variable("PGI_S3_ENDPOINT", store.endpoint()),
        variable("PGI_S3_REGION", store.region()),
        variable("PGI_S3_BUCKET", store.bucket()),
        variable("PGI_S3_PREFIX", store.prefix()),
        variable("PGI_S3_PATH_STYLE", Boolean.toString(Boolean.TRUE.equals(store.pathStyle()))),
        variable("PGI_S3_SSE", store.serverSideEncryption()));
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVar(name, Optional.ofNullable(value).orElse(""), null);
  }

  /** The volumes of the pod, for the Secrets that the store names. */
  List<Volume> volumes() {
    return Stream.concat(
            secret(store.credentialsSecretRef())
                .map(
                    name ->
                        new VolumeBuilder()
                            .withName(CREDENTIALS)
                            .withNewSecret()
                            .withSecretName(name)
                            .withDefaultMode(MODE)
                            .endSecret()
                            .build())
                .stream(),
            secret(store.caSecretRef())
                .map(
                    name ->
                        new VolumeBuilder()
                            .withName(AUTHORITY)
                            .withNewSecret()
                            .withSecretName(name)
                            .withDefaultMode(MODE)
                            .addNewItem()
                            .withKey(AUTHORITY_KEY)
                            .withPath(AUTHORITY_KEY)
                            .endItem()
                            .endSecret()
                            .build())
                .stream())
        .toList();
  }

  /** Where a program expects them. */
  List<VolumeMount> mounts() {
    return Stream.concat(
            secret(store.credentialsSecretRef())
                .map(name -> Mounts.readOnly(CREDENTIALS, CREDENTIALS_PATH))
                .stream(),
            secret(store.caSecretRef())
                .map(name -> Mounts.readOnly(AUTHORITY, AUTHORITY_PATH))
                .stream())
        .toList();
  }

  private static Optional<String> secret(SecretReference reference) {
    return Optional.ofNullable(reference)
        .map(SecretReference::name)
        .filter(name -> !name.isEmpty());
  }

  /** The service account of the pod; null for the default one. */
  String serviceAccountName() {
    return Optional.ofNullable(store.serviceAccountName())
        .filter(name -> !name.isEmpty())
        .orElse(null);
  }
}
