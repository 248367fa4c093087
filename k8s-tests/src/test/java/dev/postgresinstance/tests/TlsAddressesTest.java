package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.TlsStatus;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.PortForward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Clients verify the server in full by each address, and while its certificate is replaced. */
class TlsAddressesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String IS_ENCRYPTED =
      "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

  private static final String ROWS = "SELECT count(*) FROM sale";

  /** Other tests need the node, too. */
  private static final Duration BETWEEN_ROWS = Duration.ofMillis(100);

  @TempDir private Path folder;

  @Test
  void clientsVerifyAdvertisedHost() {
    // Given: psql knows the address of the name, as from a name service
    Instance orders =
        given.instance("orders").service("advertisedHost", "db.example.com").running();
    Map<String, String> published = orders.credentials();
    assertThat(published.get("external-tls-uri")).contains("@db.example.com:");
    Cluster.exec(orders, "bash", "-c", "cat > /tmp/ca.crt <<'E'\n" + published.get("ca.crt") + "E");

    // When, Then
    assertThat(
            Cluster.exec(
                orders,
                "psql",
                published
                        .get("external-tls-uri")
                        .replace(":" + published.get("external-port"), ":5432")
                    + "&sslrootcert=/tmp/ca.crt&channel_binding=require&hostaddr="
                    + orders.service().getSpec().getClusterIP(),
                "-XtAc",
                IS_ENCRYPTED))
        .isEqualTo("t");
  }

  @Test
  void clientsVerifyForwardedPort() throws Exception {
    // Given
    Instance desk = given.instance("desk").running();
    try (PortForward forward = PortForward.to(desk)) {
      String url =
          verifying(desk).replaceFirst("//[^/]*/", "//localhost:%d/".formatted(forward.port()));

      // When, Then
      try (Client client = Client.connect(url)) {
        assertThat(client.read(IS_ENCRYPTED)).isEqualTo("t");
      }
    }
  }

  @Test
  void newCertificateDisturbsNoWriterAndNoNewConnection() throws Exception {
    // Given: an application that writes, and connects again and again
    Instance shop = given.instance("shop").running();
    String url = verifying(shop);
    try (Client client = Client.connect(url)) {
      client.execute("CREATE TABLE sale (n int PRIMARY KEY)");
    }
    Application application = new Application(url);
    try (application) {
      Eventually.that(
          "the application writes", () -> assertThat(Client.read(shop, ROWS)).isNotEqualTo("0"));
      for (String name : List.of("a.example.com", "b.example.com", "c.example.com")) {

        // When
        String serial = tls(shop).serialNumber();
        shop.change(spec -> spec.tls("dnsNames", List.of(name)));

        // Then
        Eventually.that(
            "the server presents a certificate with the name " + name,
            () -> {
              assertThat(tls(shop).names()).contains(name);
              assertThat(tls(shop).serialNumber()).isNotEqualTo(serial);
              assertThat(tls(shop).serving()).isTrue();
            });
      }
    }
    assertThat(application.rows()).isPositive();
    assertThat(Client.read(shop, ROWS)).isEqualTo(String.valueOf(application.rows()));
  }

  /** Writes rows in one session, and in turn in new ones, from its creation until it is closed. */
  private static final class Application implements AutoCloseable {

    private final CountDownLatch isOver = new CountDownLatch(1);
    private final CompletableFuture<Integer> written;

    Application(String url) {
      // Not a thread of the common pool, which may have one only, and which the client needs.
      this.written =
          CompletableFuture.supplyAsync(
              () -> write(url), task -> Thread.ofPlatform().daemon().start(task));
    }

    /** Fails with the first error of a session or a connection. */
    private int write(String url) {
      int rows = 0;
      try (Client session = Client.connect(url)) {
        while (!isOver.await(BETWEEN_ROWS.toMillis(), TimeUnit.MILLISECONDS)) {
          session.execute("INSERT INTO sale VALUES (%d)".formatted(rows++));
          try (Client other = Client.connect(url)) {
            other.execute("INSERT INTO sale VALUES (%d)".formatted(rows++));
          }
        }
        return rows;
      } catch (SQLException | InterruptedException e) {
        throw new AssertionError("After " + rows + " rows", e);
      }
    }

    /**
     * Waits for the end, and returns the number of acknowledged rows, or throws the first error.
     */
    int rows() {
      return written.join();
    }

    @Override
    public void close() {
      isOver.countDown();
      int unused = rows();
    }
  }

  private static TlsStatus tls(Instance instance) {
    return instance.resource().getStatus().tls();
  }

  private String verifying(Instance instance) throws IOException {
    Path trusted =
        Files.writeString(
            folder.resolve(instance.name() + ".crt"), instance.credentials().get("ca.crt"));
    return "%s&sslmode=verify-full&sslrootcert=%s&channelBinding=require"
        .formatted(instance.credentials().get("external-jdbc-url"), trusted);
  }
}
