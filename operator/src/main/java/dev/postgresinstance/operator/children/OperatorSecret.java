package dev.postgresinstance.operator.children;

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

  private OperatorSecret() {}

  /** The Secret as it should be. */
  public static Secret desired(World world, Credentials credentials) {
    String fingerprint = fingerprint(world, credentials);
    Map<String, String> data = new TreeMap<>();
    data.put("username", Names.OPERATOR_ROLE);
    data.put(Credentials.PASSWORD, credentials.operatorPassword());
    data.put(Credentials.SALT_KEY, credentials.saltKey());
    data.put(FINGERPRINT, fingerprint);
    data.put(ROLES_SQL, rolesSql(world, credentials, fingerprint));
    if (!credentials.published()) {
      data.put(Credentials.PENDING, credentials.password());
    }
    return new SecretBuilder()
        .withMetadata(
            Labels.kept(world, Names.operatorSecret(world.instance()), "credentials").build())
        .withType("Opaque")
        .withData(Credentials.encoded(data))
        .build();
  }

  /** The present text where nothing in it would change: making verifiers takes milliseconds. */
  private static String rolesSql(World world, Credentials credentials, String fingerprint) {
    Optional<Secret> present = world.operatorSecret();
    String app = world.instance().getSpec().username();
    return Credentials.text(present, FINGERPRINT)
        .filter(fingerprint::equals)
        .flatMap(same -> Credentials.text(present, ROLES_SQL))
        .orElseGet(
            () ->
                RolesSql.render(
                    world.instance().getSpec(),
                    RolesSql.verifier(app, credentials.password(), credentials.saltKey()),
                    RolesSql.verifier(
                        Names.OPERATOR_ROLE,
                        credentials.operatorPassword(),
                        credentials.saltKey())));
  }

  private static String fingerprint(World world, Credentials credentials) {
    String statements = RolesSql.render(world.instance().getSpec(), "", "");
    String all =
        String.join("\n", statements, credentials.password(), credentials.operatorPassword());
    return HexFormat.of().formatHex(Hashes.keyed(credentials.saltKey(), all));
  }
}
