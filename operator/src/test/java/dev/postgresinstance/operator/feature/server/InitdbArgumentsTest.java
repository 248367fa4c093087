package dev.postgresinstance.operator.feature.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitdbArgumentsTest {

  @ParameterizedTest(name = "version {0}, initdb {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          15 |                                                  | --locale-provider=libc --locale=C.UTF-8 --lc-collate=C --data-checksums
          16 |                                                  | --locale-provider=libc --locale=C.UTF-8 --lc-collate=C --data-checksums
          17 |                                                  | --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 --data-checksums
          18 |                                                  | --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 --data-checksums
          17 | localeProvider: builtin, locale: C               | --locale-provider=builtin --builtin-locale=C --locale=C.UTF-8 --data-checksums
          18 | localeProvider: builtin, locale: PG_UNICODE_FAST | --locale-provider=builtin --builtin-locale=PG_UNICODE_FAST --locale=C.UTF-8 --data-checksums
          17 | localeProvider: libc                             | --locale-provider=libc --locale=C.UTF-8 --lc-collate=C --data-checksums
          17 | localeProvider: libc, locale: de_DE.UTF-8        | --locale-provider=libc --locale=de_DE.UTF-8 --data-checksums
          15 | localeProvider: icu, icuLocale: de-AT            | --locale-provider=icu --icu-locale=de-AT --locale=C.UTF-8 --data-checksums
          17 | localeProvider: icu, icuLocale: de, locale: C    | --locale-provider=icu --icu-locale=de --locale=C --data-checksums
          16 | locale: C                                        | --locale-provider=libc --locale=C --data-checksums
          17 | dataChecksums: true                              | --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 --data-checksums
          17 | dataChecksums: false                             | --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8
          18 | dataChecksums: false                             | --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 --no-data-checksums
          """)
  void derivesLocaleAndChecksumsFromVersionAndSpec(
      String version, String initdb, String arguments) {
    // Given
    Snapshot snapshot = snapshot(version, initdb);

    // When
    var actual = InitdbArguments.of(snapshot.instance().getSpec());

    // Then
    assertThat(String.join(" ", actual)).isEqualTo(arguments + " --wal-segsize=16");
  }

  @ParameterizedTest
  @CsvSource({"1MB, 1", "16MB, 16", "512MB, 512", "1GB, 1024"})
  void passesSegmentSizeInMegabytes(String walSegmentSize, String argument) {
    // Given
    Snapshot snapshot = snapshot("17", "walSegmentSize: " + walSegmentSize);

    // When
    var actual = InitdbArguments.of(snapshot.instance().getSpec());

    // Then
    assertThat(actual).endsWith("--wal-segsize=" + argument);
  }

  private static Snapshot snapshot(String version, String initdb) {
    return Snapshots.of(
        initdb == null
            ? "version: '%s'".formatted(version)
            : "version: '%s'%ninitdb: {%s}".formatted(version, initdb));
  }
}
