package dev.postgresinstance.operator.feature.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Snapshots;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreSourceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          source: {backup: {name: nightly}}                                                   | PostgresBackup nightly
          source: {backup: {name: nightly}, target: {endOfBackup: true}}                      | PostgresBackup nightly as of its end
          source: {backup: {name: nightly}, target: {time: '2026-11-28T09:15:00Z'}}           | PostgresBackup nightly as of 2026-11-28T09:15:00Z
          source: {instance: {name: sales}}                                                   | PostgresInstance sales
          source: {archive: {instanceId: i, store: {s3: {bucket: b}}}, target: {lsn: 0/5000148}} | the archive of instance i in bucket b as of 0/5000148
          """)
  void describesSourceAndTarget(String spec, String words) {
    assertThat(RestoreSource.describe(Snapshots.of(spec).instance().getSpec())).isEqualTo(words);
  }
}
