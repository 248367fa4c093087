package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import io.fabric8.kubernetes.api.model.Pod;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A clone has what its source had when it was created, and the source does not notice it. */
class CloneTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
  }

  @Test
  void rowsCommittedImmediatelyBeforeTheCloneAreInIt() throws SQLException {
    // Given
    Instance orders =
        given
            .instance("orders")
            .backup(bucket, "s3")
            .backup("wal", Map.of("uploadInterval", "60s"))
            .running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Pod server = orders.pod();

    // When
    Instance clone;
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE ledger AS SELECT n FROM generate_series(1, 1000) AS n");
      client.execute("INSERT INTO ledger VALUES (1001)");
      clone = given.instance("orders-copy").source("instance", Map.of("name", "orders")).applied();
    }

    // Then
    Eventually.instance(clone).isReady();
    assertThat(clone.credentials().get("password"))
        .isNotEqualTo(orders.credentials().get("password"));
    try (Client client = Client.connect(clone)) {
      assertThat(client.read("SELECT max(n) FROM ledger")).isEqualTo("1001");
      client.execute("DROP TABLE ledger");
    }
    assertThat(Client.read(orders, "SELECT count(*) FROM ledger")).isEqualTo("1001");
    assertThat(clone.resource().getStatus().systemIdentifier())
        .isEqualTo(orders.resource().getStatus().systemIdentifier());
    orders.assertHas(server);
  }

  @Test
  void earlierStateIsCloned() throws SQLException {
    // Given
    Instance crm = given.instance("crm").backup(bucket, "s3").running();
    Eventually.instance(crm).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    String before;
    try (Client client = Client.connect(crm)) {
      client.execute("CREATE TABLE customers AS SELECT 1 AS n");
      before = client.read("SELECT pg_current_wal_flush_lsn()");
      client.execute("DROP TABLE customers");
    }
    bucket.hasReached(crm, before);

    // When
    Instance clone =
        given
            .instance("crm-before")
            .source("instance", Map.of("name", "crm"))
            .source("target", Map.of("lsn", before))
            .running();

    // Then
    assertThat(Client.read(clone, "SELECT count(*) FROM customers")).isEqualTo("1");
  }

  @Test
  void sourceThatIsMissingOrHasNoBackupIsReportedAndHeals() throws SQLException {
    // Given
    Instance clone =
        given.instance("shop-copy").source("instance", Map.of("name", "shop")).applied();
    assertThat(Eventually.instance(clone).isNotReady(Reason.RESTORE_FAILED))
        .contains("PostgresInstance shop", "does not exist");

    // When
    Instance shop = given.instance("shop").running();
    Client.connect(shop).execute("CREATE TABLE items AS SELECT 1 AS n");

    // Then
    Eventually.that(
        "the clone names what its source lacks",
        () ->
            assertThat(clone.ready().orElseThrow().getMessage())
                .contains("PostgresInstance shop", "has no spec.backup"));

    // When
    shop.change(spec -> spec.backup(bucket, "s3"));

    // Then
    Eventually.instance(clone).isReady();
    assertThat(Client.read(clone, "SELECT count(*) FROM items")).isEqualTo("1");
  }
}
