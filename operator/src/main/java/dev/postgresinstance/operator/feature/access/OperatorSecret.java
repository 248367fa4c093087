package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.feature.access.roles.RolesSql;
import dev.postgresinstance.operator.feature.access.roles.RolesSql.Verifiers;
import dev.postgresinstance.operator.feature.access.secret.PasswordText;
import dev.postgresinstance.operator.instance.DatabaseContainer;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The operator's own Secret: the password of its role, and the statements with the verifiers of all
 * roles, the only key that the pod mounts. It is retained with the data, because the operator must
 * be able to log in to the data of a restored instance.
 */
public final class OperatorSecret {

  /** The only key that the pod mounts. */
  static final String ROLES_SQL = "roles.sql";

  private static final String FINGERPRINT = "fingerprint";

  /** Container whose server locked the operator out: the next start sets all roles again. */
  private static final String LOCKED_OUT = "locked-out";

  private OperatorSecret() {}

  /**
   * The Secret as it should be.
   *
   * @param lockedOut whether the running server locks the operator's role out
   */
  public static Secret desired(
      Snapshot snapshot,
      Credentials credentials,
      Optional<SuperuserPassword> superuser,
      boolean lockedOut) {
    String mark = mark(snapshot, lockedOut);
    String fingerprint = fingerprint(snapshot, mark, credentials, superuser);
    Map<String, String> data = new TreeMap<>();
    data.put("username", Names.OPERATOR_ROLE);
    data.put(SecretData.PASSWORD, credentials.operatorPassword());
    data.put(Credentials.SALT_KEY, credentials.saltKey());
    data.put(FINGERPRINT, fingerprint);
    data.put(ROLES_SQL, rolesSql(snapshot, mark, credentials, superuser, fingerprint));
    if (!mark.isEmpty()) {
      data.put(LOCKED_OUT, mark);
    }
    if (!credentials.publishable()) {
      data.put(Credentials.PENDING, credentials.password());
    }
    superuser
        .filter(password -> !password.publishable())
        .ifPresent(password -> data.put(SuperuserPassword.PENDING, password.password()));
    return new SecretBuilder()
        .withMetadata(Labels.ofOperatorSecret(snapshot))
        .withType("Opaque")
        .withData(SecretData.encode(data))
        .build();
  }

  /** Keeps the present text where nothing would change: a verifier takes milliseconds. */
  private static String rolesSql(
      Snapshot snapshot,
      String mark,
      Credentials credentials,
      Optional<SuperuserPassword> superuser,
      String fingerprint) {
    Optional<Secret> present = snapshot.get(ObjectKey.OPERATOR_SECRET);
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    String key = credentials.saltKey();
    return SecretData.text(present, FINGERPRINT)
        .filter(fingerprint::equals)
        .flatMap(same -> SecretData.text(present, ROLES_SQL))
        .orElseGet(
            () ->
                RolesSql.render(
                    spec,
                    mark,
                    new Verifiers(
                        RolesSql.verifier(spec.username(), credentials.password(), key),
                        RolesSql.verifier(Names.OPERATOR_ROLE, credentials.operatorPassword(), key),
                        superuser.map(s -> RolesSql.verifier(Names.SUPERUSER, s.password(), key)),
                        backupPassword(snapshot)
                            .map(p -> RolesSql.verifier(Names.BACKUP_ROLE, p, key)))));
  }

  /** Of the Secret of the backup pods, which is written before this one. */
  private static Optional<String> backupPassword(Snapshot snapshot) {
    return ObjectKey.BACKUP_SECRET.isRequested(snapshot.instance())
        ? PasswordText.in(snapshot.get(ObjectKey.BACKUP_SECRET))
        : Optional.empty();
  }

  private static String mark(Snapshot snapshot, boolean lockedOut) {
    return snapshot
        .pod()
        .filter(pod -> lockedOut)
        .flatMap(DatabaseContainer::status)
        .map(ContainerStatus::getContainerID)
        .or(() -> SecretData.text(snapshot.get(ObjectKey.OPERATOR_SECRET), LOCKED_OUT))
        .orElse("");
  }

  private static String fingerprint(
      Snapshot snapshot,
      String mark,
      Credentials credentials,
      Optional<SuperuserPassword> superuser) {
    String statements =
        RolesSql.render(
            snapshot.instance().getSpec(),
            mark,
            new Verifiers("", "", superuser.map(s -> ""), backupPassword(snapshot).map(p -> "")));
    String all =
        String.join(
            "\n",
            statements,
            credentials.password(),
            credentials.operatorPassword(),
            superuser.map(SuperuserPassword::password).orElse(""),
            backupPassword(snapshot).orElse(""));
    return HexFormat.of().formatHex(Hashes.keyed(credentials.saltKey(), all));
  }
}
