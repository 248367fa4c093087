package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The Secret that applications use: keys of the Service Binding specification for Kubernetes, those
 * of CloudNativePG ({@code user}, {@code dbname}, {@code pgpass}), and the same for clients outside
 * the cluster with the prefix {@code external-}.
 */
public final class AppSecret {

  private static final String TYPE = "servicebinding.io/postgresql";

  private AppSecret() {}

  /** The Secret as it should be. */
  public static Secret desired(
      World world, Credentials credentials, Optional<DataRecord> record, Instant now) {
    return new SecretBuilder()
        .withMetadata(
            Labels.kept(world, Names.appSecret(world.instance()), "credentials")
                .addToAnnotations(DataRecord.annotations(world, record))
                .addToAnnotations(Rotation.annotations(world, credentials.password(), now))
                .build())
        .withType(TYPE)
        .withData(Credentials.encoded(data(world, credentials)))
        .build();
  }

  /** Whether the common password file can hold a text: it has one line for each login. */
  public static boolean fitsPasswordFile(String text) {
    return text.chars().noneMatch(c -> c == '\n' || c == '\r');
  }

  private static Map<String, String> data(World world, Credentials credentials) {
    PostgresInstanceSpec spec = world.instance().getSpec();
    Login login = new Login(spec.username(), credentials.password(), spec.database());
    Map<String, String> data = new TreeMap<>();
    data.put("type", "postgresql");
    data.put("provider", "postgres-instance-operator");
    data.put("database", spec.database());
    data.put("dbname", spec.database());
    data.put("username", spec.username());
    data.put("user", spec.username());
    data.put(Credentials.PASSWORD, credentials.password());
    login.putEndpoint(data, "", Names.serviceHost(world.instance()), Names.PORT_NUMBER);
    Endpoints.of(world)
        .map(EndpointsStatus::external)
        .filter(external -> !external.hosts().isEmpty())
        .ifPresent(e -> login.putEndpoint(data, "external-", e.hosts().getFirst(), e.port()));
    return data;
  }

  /** One role's login, in the forms that clients read. */
  private record Login(String username, String password, String database) {

    /** The keys of one way to the server, and its line in the common password file. */
    void putEndpoint(Map<String, String> data, String prefix, String host, int port) {
      data.put(prefix + "host", host);
      data.put(prefix + "port", Integer.toString(port));
      data.put(prefix + "uri", uri(host, port));
      data.put(prefix + "jdbc-uri", jdbcUri(host, port));
      if (fitsPasswordFile(password) && fitsPasswordFile(username) && fitsPasswordFile(database)) {
        data.merge("pgpass", pgpass(host, port), String::concat);
      }
    }

    String uri(String host, int port) {
      return "postgresql://%s:%s@%s/%s"
          .formatted(
              encoded(username),
              encoded(password),
              Endpoints.address(host, port),
              encoded(database));
    }

    String jdbcUri(String host, int port) {
      return "jdbc:postgresql://%s/%s?user=%s&password=%s"
          .formatted(
              Endpoints.address(host, port),
              encoded(database),
              encoded(username),
              encoded(password));
    }

    /** A line of a password file, see PostgreSQL's documentation, "The Password File". */
    String pgpass(String host, int port) {
      return "%s:%d:%s:%s:%s\n"
          .formatted(escaped(host), port, escaped(database), escaped(username), escaped(password));
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String escaped(String text) {
      return text.replace("\\", "\\\\").replace(":", "\\:");
    }
  }
}
