package dev.postgresinstance.operator.feature.backup;

import dev.postgresinstance.operator.feature.NewPasswords;
import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.feature.tls.PublishedTls;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The credentials of the role that makes backups, for the pods that mount them. */
final class BackupSecret {

  private BackupSecret() {}

  /** The Secret as it should be; it keeps its password. */
  static Secret desired(Snapshot snapshot, NewPasswords passwords) {
    Optional<String> authorities = PublishedTls.trusted(snapshot);
    Map<String, String> data = new TreeMap<>();
    data.put("host", Names.serviceHost(snapshot.instance()));
    data.put("port", Integer.toString(Names.PORT_NUMBER));
    data.put("username", Names.BACKUP_ROLE);
    data.put(
        SecretData.PASSWORD, password(snapshot).orElseGet(() -> passwords.get(Purpose.BACKUP)));
    data.put("sslmode", mode(snapshot, authorities.isPresent()));
    authorities.ifPresent(text -> data.put("ca.crt", text));
    return new SecretBuilder()
        .withMetadata(
            Labels.owned(snapshot, Names.backupSecret(snapshot.instance()), "backup").build())
        .withType("Opaque")
        .withData(SecretData.encode(data))
        .build();
  }

  /** The Secret when the spec no longer asks for it. */
  static Secret givenUp(Snapshot snapshot) {
    return new SecretBuilder()
        .withMetadata(
            Labels.givenUp(snapshot, Names.backupSecret(snapshot.instance()), "backup").build())
        .withType("Opaque")
        .build();
  }

  /** Without ca.crt in the user's Secret, nobody can verify the certificate. */
  private static String mode(Snapshot snapshot, boolean isVerifiable) {
    if (!PublishedTls.isOffered(snapshot)) {
      return "disable";
    }
    return isVerifiable ? "verify-full" : "require";
  }

  /** The password in the present Secret. */
  static Optional<String> password(Snapshot snapshot) {
    return PasswordText.in(snapshot.get(ObjectKey.BACKUP_SECRET));
  }
}
