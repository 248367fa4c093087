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
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A clone has what its source had when it was created, and the source does not notice it. Each test
 * continues the story of one source.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CloneTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;
  private static Instance orders;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    orders = given.instance("orders").requests("20m", "64Mi").notApplied();
  }

  @Test
  @Order(1)
  void sourceThatIsMissingOrHasNoBackupIsReportedAndHeals() throws SQLException {
    // Given
    Instance clone =
        given.instance("first-copy").source("instance", Map.of("name", "orders")).applied();
    assertThat(Eventually.instance(clone).isNotReady(Reason.RESTORE_FAILED))
        .contains("PostgresInstance orders", "does not exist");

    // When
    orders.apply();
    Eventually.instance(orders).isReady();
    Client.connect(orders).execute("CREATE TABLE items AS SELECT 1 AS n");

    // Then
    Eventually.that(
        "the clone names what its source lacks",
        () ->
            assertThat(clone.ready().orElseThrow().getMessage())
                .contains("PostgresInstance orders", "has no spec.backup"));

    // When
    orders.change(spec -> spec.backup(bucket, "s3").backup("wal", Map.of("uploadInterval", "30s")));

    // Then
    Eventually.instance(clone).isReady();
    assertThat(Client.read(clone, "SELECT count(*) FROM items")).isEqualTo("1");
  }

  /** They are uploaded long after a clone that does not wait for them would be ready. */
  @Test
  @Order(2)
  void rowsCommittedImmediatelyBeforeTheCloneAreInIt() throws SQLException {
    // Given
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Pod server = orders.pod();

    // When
    Instance clone;
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE ledger AS SELECT n FROM generate_series(1, 1000) AS n");
      client.execute("INSERT INTO ledger VALUES (1001)");
      clone = given.instance("second-copy").source("instance", Map.of("name", "orders")).applied();
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
  @Order(3)
  @Tag("long")
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
}
