package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.feature.tls.TestCertificates;
import dev.postgresinstance.operator.sql.tls.TlsTrust;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Connections with TLS, as the operator makes them, to a server on this machine. */
final class TlsClients {

  /** The name that the certificate must contain. */
  static final String HOST = "orders.shop.svc";

  private TlsClients() {}

  /** Trust in the authority of these certificates. */
  static Optional<TlsTrust> trust(TestCertificates certificates) {
    return Optional.of(new TlsTrust(certificates.authorities(), HOST, false));
  }

  /** The properties of a connection. */
  static Properties properties(int port) {
    Properties properties = new Properties();
    PGProperty.PG_HOST.set(properties, "127.0.0.1");
    PGProperty.PG_PORT.set(properties, port);
    PGProperty.PG_DBNAME.set(properties, "app");
    PGProperty.USER.set(properties, "app");
    PGProperty.PASSWORD.set(properties, "secret");
    PGProperty.SSL_MODE.set(properties, "disable");
    PGProperty.CONNECT_TIMEOUT.set(properties, "3");
    PGProperty.SOCKET_TIMEOUT.set(properties, "5");
    PGProperty.SOCKET_FACTORY.set(properties, BoundedSocketFactory.class.getName());
    PGProperty.SOCKET_FACTORY_ARG.set(properties, "PT20S");
    return properties;
  }
}
