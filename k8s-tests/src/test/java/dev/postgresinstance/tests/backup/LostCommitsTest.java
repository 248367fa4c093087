package dev.postgresinstance.tests.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Ledger;
import dev.postgresinstance.tests.support.S3Bucket;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of the acknowledged commits is lost with the server, its volume and its backup pod. */
@Tag("long")
class LostCommitsTest {

  private static final int ROWS = 5_000;

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static S3Bucket bucket;

  @BeforeAll
  static void bucketWithCredentials() {
    bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void nothingIsLostThatIsOlderThanTwiceTheInterval(int seconds) throws Exception {
    // Given
    Instance orders =
        given
            .instance("orders-" + seconds)
            .backup(bucket, "s3")
            .backup("wal", Map.of("uploadInterval", seconds + "s"))
            .running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    Map<String, Object> archive = bucket.archive(orders, "s3");
    Instant begin = Instant.now();
    try (Ledger ledger = Ledger.begin(orders, 4)) {
      Eventually.that(
          "the ledger is older than what may be lost",
          () -> {
            assertThat(ledger.acknowledged()).isGreaterThan(ROWS);
            assertThat(Duration.between(begin, Instant.now()))
                .isGreaterThan(Duration.ofSeconds(3L * seconds));
          });

      // When
      Disaster.strike(orders);
      ledger.end();
      Instance restored =
          given.instance("restored-" + seconds).source("archive", archive).running();

      // Then
      Ledger.Loss loss = ledger.loss(restored);
      System.out.printf(
          "uploadInterval %d s: %d of %d acknowledged commits lost, those of the last %d ms%n",
          seconds, loss.commits(), ledger.acknowledged(), loss.time().toMillis());
      assertThat(loss.commits()).isLessThan(ledger.acknowledged());
      assertThat(loss.time()).isLessThan(Duration.ofSeconds(2L * seconds));
    }
  }
}
