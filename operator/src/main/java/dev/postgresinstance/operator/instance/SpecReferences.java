package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.InstanceSource;
import dev.postgresinstance.api.v1alpha1.PasswordSecretRef;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.StorageStatus;
import java.util.Optional;

/** What an instance asks for and names, also if its spec cannot be read. */
final class SpecReferences {

  private SpecReferences() {}

  /** Whether the spec asks for backups. */
  static boolean requestsBackup(PostgresInstance instance) {
    return instance.getSpec() != null && instance.getSpec().backup() != null;
  }

  /** Whether the spec or an annotation asks for verifications of backups. */
  static boolean requestsVerification(PostgresInstance instance) {
    return requestsBackup(instance)
        && (instance.getSpec().backup().verify() != null
            || Annotations.get(instance, Labels.VERIFY_BACKUP).isPresent());
  }

  /** Whether the data has to be restored in place, and the instance does not run on it yet. */
  static boolean requestsRestoreInPlace(PostgresInstance instance) {
    Optional<String> restored =
        PreviousStatus.of(instance)
            .get(PostgresInstanceStatus::storage)
            .map(StorageStatus::restoredTo);
    return requestsBackup(instance)
        && Annotations.get(instance, Labels.RESTORE_TO)
            .filter(value -> !restored.equals(Optional.of(value)))
            .isPresent();
  }

  /** Whether a Job may be restoring the data, in place or for the first time. */
  static boolean requestsRestore(PostgresInstance instance) {
    return requestsRestoreInPlace(instance)
        || (source(instance).isPresent()
            && !PreviousStatus.of(instance).isTrue(ConditionType.INITIALIZED));
  }

  /** Where the data comes from; empty if it is initialized. */
  static Optional<InstanceSource> source(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec()).map(spec -> spec.source());
  }

  /** Name of the Secret with the password that the user provides. */
  static Optional<String> userPasswordSecret(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec())
        .map(spec -> spec.passwordSecretRef())
        .map(PasswordSecretRef::name);
  }

  /** Name of the Secret with the certificate that the user provides. */
  static Optional<String> userCertificateSecret(PostgresInstance instance) {
    return Optional.ofNullable(instance.getSpec())
        .map(spec -> spec.tls())
        .map(tls -> tls.secretName())
        .filter(name -> !name.isEmpty());
  }
}
