package dev.postgresinstance.tests.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Ledger;
import dev.postgresinstance.tests.support.S3Bucket;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Restores random moments of a server that was never quiet. */
@Tag("long")
class PointInTimeTest {

  private static final int MOMENTS = 10;

  private static final String ROWS =
      "SELECT coalesce(string_agg(writer || ':' || n, ' ' ORDER BY writer, n), '') FROM ledger";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @Test
  void tenRandomMomentsAreRestoredRowForRow() throws Exception {
    // Given
    S3Bucket bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
    Instance orders =
        given
            .instance("orders")
            .backup(bucket, "s3")
            .backup("incremental", Map.of("perFull", 2))
            .parameter("track_commit_timestamp", "on")
            .running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Instant begin;
    try (Ledger ledger = Ledger.begin(orders, 4)) {
      begin = now(orders);
      for (int i = 1; i <= 3; i++) {
        Backup.complete(orders, "orders-" + i);
      }
      ledger.end();
    }
    Instant end = now(orders);
    Client.read(orders, "SELECT txid_current()"); // a transaction after the last moment
    bucket.hasReached(orders, Client.read(orders, "SELECT pg_current_wal_flush_lsn()"));

    // When
    long seed = System.nanoTime();
    System.out.printf("random moments: seed %d%n", seed);
    List<Instant> moments = moments(begin, end, new Random(seed));
    List<Instance> restored = new ArrayList<>();
    for (Instant moment : moments) {
      restored.add(
          given
              .instance("restored-" + restored.size())
              .source("archive", bucket.archive(orders, "s3"))
              .source("target", Map.of("time", moment.toString()))
              .requests("10m", "64Mi")
              .applied());
    }

    // Then
    for (int i = 0; i < MOMENTS; i++) {
      Eventually.instance(restored.get(i)).isReady();
      String expected =
          Client.read(
              orders,
              ROWS + " WHERE pg_xact_commit_timestamp(xmin) <= '%s'".formatted(moments.get(i)));
      assertThat(Client.read(restored.get(i), ROWS).equals(expected))
          .as("the rows of %s are those of %s (seed %d)", restored.get(i), moments.get(i), seed)
          .isTrue();
    }
  }

  private static Instant now(Instance instance) throws SQLException {
    return Instant.parse(
        Client.read(
            instance,
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
  }

  private static List<Instant> moments(Instant begin, Instant end, Random random) {
    long micros = ChronoUnit.MICROS.between(begin, end);
    return random
        .longs(MOMENTS, 1, micros)
        .mapToObj(n -> begin.plus(n, ChronoUnit.MICROS))
        .toList();
  }
}
