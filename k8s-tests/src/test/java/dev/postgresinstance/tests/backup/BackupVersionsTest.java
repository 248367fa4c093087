package dev.postgresinstance.tests.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backups of the oldest and the newest PostgreSQL; only the newest has incremental ones. */
@Tag("versions")
class BackupVersionsTest {

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  @ParameterizedTest
  @CsvSource({"15, 0", "18, 6"})
  void latestStateIsRestored(String version, int perFull) throws SQLException {
    // Given
    S3Bucket bucket = given.bucketOnS3();
    bucket.createSecret(given.namespace(), "s3-" + version);
    Instance orders =
        given
            .instance("orders-" + version)
            .version(version)
            .backup(bucket, "s3-" + version)
            .backup("incremental", Map.of("perFull", perFull))
            .running();
    Eventually.instance(orders).hasCondition(ConditionType.BACKUP_READY, Reason.ARCHIVING);
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE parcel AS SELECT 'in the backup' AS note");
      Backup second = Backup.complete(orders, "second-" + version);
      assertThat(second.resource().getStatus().version()).startsWith(version + ".");
      assertThat(second.resource().getStatus().parent() != null).isEqualTo(perFull > 0);
      client.execute("INSERT INTO parcel VALUES ('in the log')");
      bucket.hasReached(orders, client.read("SELECT pg_current_wal_flush_lsn()"));
    }

    // When
    Instance restored =
        given
            .instance("restored-" + version)
            .version(version)
            .source("archive", bucket.archive(orders, "s3-" + version))
            .running();

    // Then
    assertThat(Client.read(restored, "SELECT string_agg(note, ', ' ORDER BY note) FROM parcel"))
        .isEqualTo("in the backup, in the log");
  }
}
