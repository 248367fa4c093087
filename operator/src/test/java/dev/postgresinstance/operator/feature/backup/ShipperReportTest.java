package dev.postgresinstance.operator.feature.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShipperReportTest {

  @Test
  void readsReportInStatement() {
    // Given
    String statement =
        "SELECT 'pgi_backup', '{\"lineage\":\"L\",\"time\":\"2026-01-05T11:59:31.5Z\","
            + "\"problem\":\"Rejected\",\"message\":\"it''s {no}\",\"new\":1}'";

    // When
    ShipperReport report = ShipperReport.of(statement).orElseThrow();

    // Then
    assertThat(report.lineage()).isEqualTo("L");
    assertThat(report.message()).isEqualTo("it's {no}");
    assertThat(report.recoverableUntil()).contains(Instant.parse("2026-01-05T11:59:00Z"));
    assertThat(report.rounded().time()).isEqualTo("2026-01-05T11:59:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SELECT 1",
        "SELECT 'pgi_backup', '{\"lineage\":\"L\",\"mess",
        "SELECT 'pgi_backup', '[1]'",
        "SELECT pg_sleep(1)"
      })
  void otherStatementIsNoReport(String statement) {
    assertThat(ShipperReport.of(statement)).isEmpty();
  }

  @Test
  void timeThatIsNoneIsUnknown() {
    assertThat(new ShipperReport("L", null, "yesterday", null, null, null).recoverableUntil())
        .isEmpty();
  }
}
