package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.UnencryptedStatus;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Page;
import dev.postgresinstance.tests.support.Shell;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Connections from the network without TLS are refused on request. */
class TlsRequiredTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  /** As a standby connects; the driver asks for it in its first message only with a version. */
  private static final String REPLICATION =
      "&sslmode=disable&replication=true&assumeMinServerVersion=15";

  private static final String SHOW_UNENCRYPTED =
      new Page(Path.of("../docs/operations.md")).code("sh", "tls.unencrypted").getFirst();

  @TempDir private Path folder;

  @Test
  void sessionsWithoutTlsEndAndEncryptedOnesContinue() throws SQLException {
    // Given
    Instance shop = given.instance("shop").running();
    Cluster.psql(shop, "CREATE ROLE dashboard LOGIN PASSWORD 'of the dashboard'");
    Pod before = shop.pod();
    Condition available = shop.condition(ConditionType.AVAILABLE).orElseThrow();
    String address = shop.resource().getStatus().endpoints().address();
    String url = shop.credentials().get("external-jdbc-url");
    try (Client plain = Client.connect(shop);
        Client dashboard = Client.connect(address, "app", "dashboard", "of the dashboard");
        Client encrypted = Client.connect(url + "&sslmode=require")) {
      Eventually.that(
          "the status shows who is not encrypted",
          () ->
              assertThat(shop.tls().unencrypted())
                  .isEqualTo(new UnencryptedStatus(2, List.of("app", "dashboard"))));
      assertThat(shop.tls().required()).isFalse();
      assertThat(Shell.runFor(shop, folder, SHOW_UNENCRYPTED)).contains("[\"app\",\"dashboard\"]");

      // When
      shop.change(spec -> spec.tls("required", true));

      // Then
      Eventually.that("the session without TLS has ended", () -> assertEnded(plain));
      Eventually.that("the session of the other role, too", () -> assertEnded(dashboard));
      Eventually.instance(shop).isReady();
      assertThat(shop.tls().required()).isTrue();
      assertThat(shop.tls().unencrypted()).isNull();
      assertThat(encrypted.read(Client.IS_ENCRYPTED)).isEqualTo("t");
      assertThat(Cluster.psql(shop, "SELECT 'emergency'")).isEqualTo("emergency");
    }
    assertThatThrownBy(() -> Client.connect(shop))
        .hasMessageContaining("no pg_hba.conf entry for host")
        .hasMessageContaining("no encryption");
    assertThatThrownBy(() -> Client.connect(url + REPLICATION))
        .hasMessageContaining("no pg_hba.conf entry for replication connection")
        .hasMessageContaining("no encryption");
    assertThat(
            Cluster.exec(shop, "psql", shop.credentials().get("uri"), "-XtAc", Client.IS_ENCRYPTED))
        .isEqualTo("t");
    shop.assertHas(before);
    assertThat(Cluster.containerRestarts(shop)).isZero();
    assertThat(shop.condition(ConditionType.AVAILABLE).orElseThrow().getLastTransitionTime())
        .as("the instance was available all the time")
        .isEqualTo(available.getLastTransitionTime());

    // When
    shop.change(spec -> spec.tls("required", false));

    // Then
    Eventually.instance(shop).acceptsLogins();
    Eventually.instance(shop).isReady();
    Eventually.that("nothing is required", () -> assertThat(shop.tls().required()).isFalse());
    shop.assertHas(before);
  }

  @Test
  void newServerRequiresTlsFromTheStartAlsoOfTheSuperuser() throws SQLException {
    // Given
    Instance vault = given.instance("vault").tls("required", true).superuserAccess(true).running();

    // When
    Map<String, String> published = Instance.decoded(vault.superuserSecret());

    // Then
    assertThat(vault.tls().required()).isTrue();
    String url = published.get("external-jdbc-uri");
    assertThat(url).endsWith("&sslmode=require");
    try (Client superuser = Client.connect(url)) {
      assertThat(superuser.read(Client.IS_ENCRYPTED)).isEqualTo("t");
    }
    assertThatThrownBy(() -> Client.connect(url.replace("=require", "=disable")))
        .hasMessageContaining("no encryption");
    Pod before = vault.pod();

    // When
    Cluster.killPod(vault);

    // Then: from the first response of the next server on
    Eventually.instance(vault).isReadyWithNewPod(before);
    assertThatThrownBy(() -> Client.connect(vault)).hasMessageContaining("no encryption");
  }

  private static void assertEnded(Client client) {
    assertThatThrownBy(() -> client.read("SELECT 1")).isInstanceOf(SQLException.class);
  }
}
