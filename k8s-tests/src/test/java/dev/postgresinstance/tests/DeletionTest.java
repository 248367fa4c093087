package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DeletionTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void deletionRemovesChildrenAndKeepsData() {
    // Given
    Instance orders = given.instance("orders").running();

    // When
    orders.delete();

    // Then
    Eventually.that(
        "the children are deleted",
        () -> {
          assertThat(orders.pod()).isNull();
          assertThat(orders.statefulSet()).isNull();
          assertThat(orders.service()).isNull();
          assertThat(orders.configMap()).isNull();
          assertThat(orders.tlsSecret()).isNull();
        });
    assertThat(orders.claim().getMetadata().getDeletionTimestamp()).isNull();
    assertThat(orders.appSecret()).isNotNull();
    assertThat(orders.caSecret()).isNotNull();
    assertThat(orders.operatorSecret()).isNotNull();
  }

  @Test
  void instanceAppliedAgainKeepsDataPasswordAndPort() throws SQLException {
    // Given
    Instance ledger = given.instance("ledger").running();
    try (Client client = Client.connect(ledger)) {
      client.execute("CREATE TABLE entry AS SELECT 'still here' AS note");
    }
    PersistentVolumeClaim claim = ledger.claim();
    Map<String, String> credentials = ledger.credentials();
    ledger.delete();

    // When
    ledger.apply();

    // Then
    Eventually.instance(ledger).isReady();
    assertThat(ledger.claim().getMetadata().getUid()).isEqualTo(claim.getMetadata().getUid());
    assertThat(ledger.credentials()).isEqualTo(credentials);
    assertStillHere(ledger, "entry");
  }

  /** Reads again if the connection ends: a child of the deleted resource may still be deleted. */
  private static void assertStillHere(Instance instance, String table) {
    Eventually.that(
        "the data is there",
        () -> {
          try (Client client = Client.connect(instance)) {
            assertThat(client.read("SELECT note FROM " + table)).isEqualTo("still here");
          }
        });
  }

  @Test
  @Tag("long")
  @CoversReasons(Reason.SPEC_DOES_NOT_MATCH_DATA)
  void instanceAppliedAgainWithOtherDatabaseIsRejected() {
    // Given
    Instance archive = given.instance("archive").database("papers").running();
    archive.delete();

    // When
    archive.change(spec -> spec.database("letters"));

    // Then
    String message = Eventually.instance(archive).isNotReady(Reason.SPEC_DOES_NOT_MATCH_DATA);
    assertThat(message).contains("papers", "letters");
  }

  @Test
  void instanceAppliedAgainWithoutSecretsGetsNewPasswordForOldData() throws SQLException {
    // Given
    Instance safe = given.instance("safe").running();
    try (Client client = Client.connect(safe)) {
      client.execute("CREATE TABLE gold AS SELECT 'still here' AS note");
    }
    String password = safe.credentials().get("password");
    safe.delete();
    Cluster.delete(safe.appSecret());
    Cluster.delete(safe.operatorSecret());
    // A server that still runs has the lost passwords.
    Eventually.that("the server has ended", () -> assertThat(safe.pod()).isNull());

    // When
    safe.apply();

    // Then
    Eventually.instance(safe).isReady();
    assertThat(safe.credentials().get("password")).isNotEqualTo(password);
    assertStillHere(safe, "gold");
  }
}
