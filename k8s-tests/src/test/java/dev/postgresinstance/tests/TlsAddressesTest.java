package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.PortForward;
import dev.postgresinstance.tests.support.Verification;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients verify the server in full by each address, and while its certificate is replaced. */
class TlsAddressesTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static final String ROWS = "SELECT count(*) FROM sale";

  /** Other tests need the node, too. */
  private static final Duration BETWEEN_ROWS = Duration.ofMillis(100);

  @Test
  void clientsVerifyAdvertisedHost() {
    // Given: psql knows the address of the name, as from a name service
    Instance orders =
        given.instance("orders").service("advertisedHost", "db.example.com").running();
    Map<String, String> published = orders.credentials();
    assertThat(published.get("external-tls-uri")).contains("@db.example.com:");

    // When, Then
    assertThat(
            Verification.psqlInPod(
                orders,
                published
                        .get("external-tls-uri")
                        .replace(":" + published.get("external-port"), ":5432")
                    + "&hostaddr="
                    + orders.service().getSpec().getClusterIP()))
        .isEqualTo("t");
  }

  @Test
  void clientsVerifyForwardedPort() throws Exception {
    // Given
    Instance desk = given.instance("desk").running();
    try (PortForward forward = PortForward.to(desk)) {
      String url =
          Verification.url(desk)
              .replaceFirst("//[^/]*/", "//localhost:%d/".formatted(forward.port()));

      // When, Then
      try (Client client = Client.connect(url)) {
        assertThat(client.read(Client.IS_ENCRYPTED)).isEqualTo("t");
      }
    }
  }

  @Test
  void newCertificateDisturbsNoWriterAndNoNewConnection() throws Exception {
    // Given: an application that writes, and connects again and again
    Instance shop = given.instance("shop").running();
    String url = Verification.url(shop);
    try (Client client = Client.connect(url)) {
      client.execute("CREATE TABLE sale (n int PRIMARY KEY)");
    }
    Application application = new Application(url);
    try (application) {
      Eventually.that(
          "the application writes", () -> assertThat(Client.read(shop, ROWS)).isNotEqualTo("0"));
      for (String name : List.of("a.example.com", "b.example.com", "c.example.com")) {

        // When
        String serial = shop.tls().serialNumber();
        shop.change(spec -> spec.tls("dnsNames", List.of(name)));

        // Then
        Eventually.instance(shop).servesCertificateOtherThan(serial, name);
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
}
