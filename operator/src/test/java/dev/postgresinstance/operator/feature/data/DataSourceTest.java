package dev.postgresinstance.operator.feature.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Snapshots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSourceTest {

  private static final String ARCHIVE = "archive: {instanceId: i, store: {s3: {bucket: b%s}}}%s";

  /**
   * These texts are recorded with restored data. If this test fails, the next version of the
   * operator takes that data for data of another source: do not change the literals.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                                               | ``
          source: {backup: {name: nightly}}                                                | aab77764
          source: {backup: {name: nightly}, target: {endOfBackup: true}}                   | ea2baa8a
          source: {archive: {instanceId: i, store: {s3: {bucket: b}}}}                     | aa52ae30
          source: {instance: {name: sales}}                                                | 657b8b28
          source: {archive: {instanceId: i, store: {volume: {claimName: b}}}}              | f4ba3169
          source: {archive: {instanceId: i, store: {s3: {bucket: b}}}, target: {lsn: 0/5}} | 037b52e2
          """)
  void keepsTextOfUnchangedSource(String spec, String text) {
    assertThat(of(spec)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "archive: {instanceId: j, store: {s3: {bucket: b}}}",
        "archive: {instanceId: i, store: {s3: {bucket: c}}}",
        "archive: {instanceId: i, store: {volume: {claimName: b}}}",
        "archive: {instanceId: i, store: {s3: {bucket: b, prefix: p}}}",
        "archive: {instanceId: i, store: {s3: {bucket: b, endpoint: 'http://e'}}}",
        "archive: {instanceId: i, store: {s3: {bucket: b}}}, target: {time: '2026-11-28T09:15:00Z'}",
        "backup: {name: i}",
        "instance: {name: i}"
      })
  void anotherArchiveOrTargetIsAnotherSource(String source) {
    assertThat(of("source: {%s}".formatted(source)))
        .isNotEqualTo(of("source: {%s}".formatted(ARCHIVE.formatted("", ""))));
  }

  @Test
  void otherCredentialsAreNoOtherSource() {
    assertThat(
            of(
                "source: {%s}"
                    .formatted(ARCHIVE.formatted(", credentialsSecretRef: {name: s}", ""))))
        .isEqualTo(of("source: {%s}".formatted(ARCHIVE.formatted("", ""))));
  }

  private static String of(String spec) {
    return DataSource.of(Snapshots.of(spec).instance().getSpec());
  }
}
