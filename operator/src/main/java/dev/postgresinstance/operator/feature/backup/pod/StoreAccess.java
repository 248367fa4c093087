package dev.postgresinstance.operator.feature.backup.pod;

import dev.postgresinstance.api.v1alpha1.ArchiveStore;
import dev.postgresinstance.api.v1alpha1.S3Store;
import dev.postgresinstance.api.v1alpha1.SecretReference;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a program needs to reach a store: variables, and the mounted Secrets of the user or the
 * mounted volume.
 */
record StoreAccess(ArchiveStore store) {

  /** Where a volume is mounted. */
  static final String FOLDER = "/store";

  private static final String VOLUME = "store";

  private static final String CREDENTIALS = "store-credentials";
  private static final String AUTHORITY = "store-ca";

  /** Both folders are optional: without them, the identity of the service account counts. */
  private static final String CREDENTIALS_PATH = "/etc/pgi-store/credentials";

  private static final String AUTHORITY_PATH = "/etc/pgi-store/ca";

  /** The only key of the authority's Secret that is mounted: the Secret may have a private key. */
  private static final String AUTHORITY_KEY = "ca.crt";

  /** Programs read the files as the group of the pod. */
  private static final int MODE = 0440;

  /** The variables that describe the store; those of a bucket without a value are empty. */
  List<EnvVar> variables() {
    if (store.volume() != null) {
      return List.of(variable("PGI_STORE_FOLDER", FOLDER));
    }
    S3Store s3 = store.s3();
    return List.of(
        variable("PGI_S3_ENDPOINT", s3.endpoint()),
        variable("PGI_S3_REGION", s3.region()),
        variable("PGI_S3_BUCKET", s3.bucket()),
        variable("PGI_S3_PREFIX", s3.prefix()),
        variable("PGI_S3_PATH_STYLE", Boolean.toString(Boolean.TRUE.equals(s3.pathStyle()))),
        variable("PGI_S3_SSE", s3.serverSideEncryption()));
  }

  private static EnvVar variable(String name, String value) {
    return new EnvVar(name, Optional.ofNullable(value).orElse(""), null);
  }

  /** The volumes of the pod: the one of the store, or those of the Secrets that it names. */
  List<Volume> volumes() {
    return store.volume() == null
        ? secrets(store.s3())
        : List.of(
            new VolumeBuilder()
                .withName(VOLUME)
                .withNewPersistentVolumeClaim()
                .withClaimName(store.volume().claimName())
                .endPersistentVolumeClaim()
                .build());
  }

  private static List<Volume> secrets(S3Store s3) {
    return Stream.concat(
            secret(s3.credentialsSecretRef())
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
            secret(s3.caSecretRef())
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

  /**
   * Where a program expects them.
   *
   * @param writable whether the program changes the archive
   */
  List<VolumeMount> mounts(boolean writable) {
    if (store.volume() != null) {
      return List.of(writable ? Mounts.writable(VOLUME, FOLDER) : Mounts.readOnly(VOLUME, FOLDER));
    }
    return Stream.concat(
            secret(store.s3().credentialsSecretRef())
                .map(name -> Mounts.readOnly(CREDENTIALS, CREDENTIALS_PATH))
                .stream(),
            secret(store.s3().caSecretRef())
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
    return Optional.ofNullable(store.s3())
        .map(S3Store::serviceAccountName)
        .filter(name -> !name.isEmpty())
        .orElse(null);
  }
}
