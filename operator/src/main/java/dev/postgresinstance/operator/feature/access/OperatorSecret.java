package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.common.Hashes;
import dev.postgresinstance.operator.feature.access.RolesSql.Verifiers;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Names;
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
 * roles, of which the pod mounts just that one key. It stays with the data: the operator must get
 * in to what a resource takes back.
 */
public final class OperatorSecret {

  /** The only key that the pod mounts. */
  static final String ROLES_SQL = "roles.sql";

  private static final String FINGERPRINT = "fingerprint";

  /** The server that did not let the operator in: the next one sets all roles anew. */
  private static final String LOCKED_OUT = "locked-out";

  private OperatorSecret() {}

  /**
   * The Secret as it should be.
   *
   * @param lockedOut whether the running server does not let the operator in
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
    data.put(Credentials.PASSWORD, credentials.operatorPassword());
    data.put(Credentials.SALT_KEY, credentials.saltKey());
    data.put(FINGERPRINT, fingerprint);
    data.put(ROLES_SQL, rolesSql(snapshot, mark, credentials, superuser, fingerprint));
    if (!mark.isEmpty()) {
      data.put(LOCKED_OUT, mark);
    }
    if (!credentials.published()) {
      data.put(Credentials.PENDING, credentials.password());
    }
    superuser
        .filter(password -> !password.published())
        .ifPresent(password -> data.put(SuperuserPassword.PENDING, password.password()));
    return new SecretBuilder()
        .withMetadata(
            Labels.kept(snapshot, Names.operatorSecret(snapshot.instance()), "credentials").build())
        .withType("Opaque")
        .withData(Credentials.encoded(data))
        .build();
  }

  /** The present text where nothing in it would change: making verifiers takes milliseconds. */
  private static String rolesSql(
      Snapshot snapshot,
      String mark,
      Credentials credentials,
      Optional<SuperuserPassword> superuser,
      String fingerprint) {
    Optional<Secret> present = snapshot.operatorSecret();
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    String key = credentials.saltKey();
    return Credentials.text(present, FINGERPRINT)
        .filter(fingerprint::equals)
        .flatMap(same -> Credentials.text(present, ROLES_SQL))
        .orElseGet(
            () ->
                RolesSql.render(
                    spec,
                    mark,
                    new Verifiers(
                        RolesSql.verifier(spec.username(), credentials.password(), key),
                        RolesSql.verifier(Names.OPERATOR_ROLE, credentials.operatorPassword(), key),
                        superuser.map(
                            s -> RolesSql.verifier(Names.SUPERUSER, s.password(), key)))));
  }

  private static String mark(Snapshot snapshot, boolean lockedOut) {
    return snapshot.pod().stream()
        .filter(pod -> lockedOut)
        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
        .map(ContainerStatus::getContainerID)
        .findFirst()
        .or(() -> Credentials.text(snapshot.operatorSecret(), LOCKED_OUT))
        .orElse("");
  }

  private static String fingerprint(
      Snapshot snapshot,
      String mark,
      Credentials credentials,
      Optional<SuperuserPassword> superuser) {
    String statements =
        RolesSql.render(
            snapshot.instance().getSpec(), mark, new Verifiers("", "", superuser.map(s -> "")));
    String all =
        String.join(
            "\n",
            statements,
            credentials.password(),
            credentials.operatorPassword(),
            superuser.map(SuperuserPassword::password).orElse(""));
    return HexFormat.of().formatHex(Hashes.keyed(credentials.saltKey(), all));
  }
}
