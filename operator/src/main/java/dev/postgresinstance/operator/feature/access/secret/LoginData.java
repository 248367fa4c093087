package dev.postgresinstance.operator.feature.access.secret;

import dev.postgresinstance.api.v1alpha1.EndpointsStatus;
import dev.postgresinstance.operator.feature.network.Endpoints;
import dev.postgresinstance.operator.feature.tls.PublishedTls;
import dev.postgresinstance.operator.instance.Names;
import dev.postgresinstance.operator.instance.SecretData;
import dev.postgresinstance.operator.instance.Snapshot;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The data of a Secret for a login: keys of the Service Binding specification for Kubernetes, those
 * of CloudNativePG ({@code user}, {@code dbname}, {@code pgpass}), and the same for clients outside
 * the cluster with the prefix {@code external-}.
 */
public final class LoginData {

  /** The type of such a Secret. */
  public static final String TYPE = "servicebinding.io/postgresql";

  private static final String VERIFY = "verify-full";
  private static final String WITHOUT_TLS = "disable";

  private LoginData() {}

  /** Whether a password file can contain a text: the file has one line for each login. */
  public static boolean fitsPasswordFile(String text) {
    return text.chars().noneMatch(c -> c == '\n' || c == '\r');
  }

  /** The data for one role and database, encoded. */
  public static Map<String, String> of(
      Snapshot snapshot, String username, String password, String database) {
    Optional<String> trusted = PublishedTls.trusted(snapshot);
    boolean offersTls = PublishedTls.isOffered(snapshot);
    Login login =
        new Login(
            username, password, database, offersTls ? PublishedTls.mode(snapshot) : WITHOUT_TLS);
    Map<String, String> data = new TreeMap<>();
    data.put("type", "postgresql");
    data.put("provider", "postgres-instance-operator");
    data.put("database", database);
    data.put("dbname", database);
    data.put("username", username);
    data.put("user", username);
    data.put(SecretData.PASSWORD, password);
    login.putEndpoint(data, "", Names.serviceHost(snapshot.instance()), Names.PORT_NUMBER);
    Endpoints.of(snapshot)
        .map(EndpointsStatus::external)
        .filter(external -> !external.hosts().isEmpty())
        .ifPresent(e -> login.putEndpoint(data, "external-", e.hosts().getFirst(), e.port()));
    if (offersTls) {
      data.put("sslmode", VERIFY);
    }
    trusted.ifPresent(authorities -> putAuthorities(data, authorities));
    return SecretData.encode(data);
  }

  /** For a client that verifies the server; sslrootcert is the name of libpq's parameter. */
  private static void putAuthorities(Map<String, String> data, String authorities) {
    data.put("ca.crt", authorities);
    data.put("certificates", authorities); // the name in the Service Binding specification
    data.put("sslrootcert", "ca.crt");
  }

  /**
   * One role's login, in the forms that clients read. Without TLS, a URI says so, because lib/pq
   * requires TLS unless it does. With TLS, it says nothing: then libpq, pgjdbc, asyncpg and pgx use
   * it if the server offers it, lib/pq requires it, and Node.js clients connect without it. It says
   * {@code sslmode=require} only where the server is to refuse such clients: with that,
   * node-postgres rejects the certificate unless the client configures the authority.
   *
   * @param mode the {@code sslmode} of a URI; empty for none
   */
  private record Login(String username, String password, String database, String mode) {

    /** Characters that a path may contain as they are, apart from letters, digits and "-._". */
    private static final List<String> ALLOWED_IN_PATH =
        "~!$&'()*+,;=:@".codePoints().mapToObj(Character::toString).toList();

    /** Adds the keys of one address, and its line of the password file. */
    void putEndpoint(Map<String, String> data, String prefix, String host, int port) {
      data.put(prefix + "host", host);
      data.put(prefix + "port", Integer.toString(port));
      data.put(prefix + "uri", uri(host, port, mode));
      data.put(prefix + "jdbc-uri", jdbcUri(host, port));
      if (!mode.equals(WITHOUT_TLS)) {
        data.put(prefix + "jdbc-url", jdbcUri(host, port)); // the name that Spring Boot knows
        data.put(prefix + "tls-uri", uri(host, port, VERIFY));
      }
      if (fitsPasswordFile(password) && fitsPasswordFile(username) && fitsPasswordFile(database)) {
        data.merge("pgpass", pgpass(host, port), String::concat);
      }
    }

    String uri(String host, int port, String sslMode) {
      return "postgresql://%s:%s@%s/%s%s"
          .formatted(
              encoded(username),
              encoded(password),
              Endpoints.address(host, port),
              pathOf(database),
              sslMode.isEmpty() ? "" : "?sslmode=" + sslMode);
    }

    String jdbcUri(String host, int port) {
      return "jdbc:postgresql://%s/%s?user=%s&password=%s%s"
          .formatted(
              Endpoints.address(host, port),
              encoded(database),
              encoded(username),
              encoded(password),
              mode.isEmpty() ? "" : "&sslmode=" + mode);
    }

    /** A line of a password file, see PostgreSQL's documentation, "The Password File". */
    String pgpass(String host, int port) {
      return "%s:%d:%s:%s:%s\n"
          .formatted(escaped(host), port, escaped(database), escaped(username), escaped(password));
    }

    /**
     * A segment of a path, in which only those characters are encoded that must be (RFC 3986,
     * section 3.3): node-postgres does not decode the others, and postgres.js decodes none.
     */
    private static String pathOf(String text) {
      String path = encoded(text);
      for (String allowed : ALLOWED_IN_PATH) {
        path = path.replace(encoded(allowed), allowed);
      }
      return path;
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String escaped(String text) {
      return text.replace("\\", "\\\\").replace(":", "\\:");
    }
  }
}
