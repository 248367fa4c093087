package dev.postgresinstance.tests.bench;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.TestCluster;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * A client that retries its login until it succeeds, as soon as the Secret with the password
 * exists.
 */
final class Logins {

  private static final int CONNECT_MILLIS = 200;

  private final String namespace;
  private final String host = nodeAddress();
  private final int port;
  private Map<String, String> credentials;

  Logins(String namespace, int port) {
    this.namespace = namespace;
    this.port = port;
  }

  /**
   * Waits for SQL from a server with a start time other than the given one; returns the new start
   * time.
   */
  String waitForServerOtherThan(String startTime) {
    return Awaitility.await("SQL at " + host + ":" + port)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofMinutes(5))
        .ignoreExceptions()
        .until(this::startTime, time -> !time.equals(startTime));
  }

  private String startTime() throws IOException, SQLException {
    if (credentials == null) {
      credentials = Instance.decoded(secret());
    }
    // The timeout of the driver has a resolution of whole seconds, so check the port first.
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
    }
    try (Client client =
        Client.connect(
            host + ":" + port,
            credentials.get("database"),
            credentials.get("username"),
            credentials.get("password"))) {
      return client.read("SELECT pg_postmaster_start_time()");
    }
  }

  private Secret secret() {
    return TestCluster.client().secrets().inNamespace(namespace).withName("orders-app").get();
  }

  private static String nodeAddress() {
    return TestCluster.client()
        .nodes()
        .list()
        .getItems()
        .getFirst()
        .getStatus()
        .getAddresses()
        .stream()
        .filter(address -> address.getType().equals("InternalIP"))
        .map(NodeAddress::getAddress)
        .findFirst()
        .orElseThrow();
  }
}
