package dev.postgresinstance.operator.archive.program.ship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.archive.Lsn;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShippingStatusTest {

  private static final ShippingStatus STATUS =
      new ShippingStatus(
          Optional.of("71-00000001-20261128t030000z"),
          Optional.of(Instant.parse("2026-11-28T03:00:00Z")),
          Optional.of(new Lsn(0x5000148)),
          Optional.of(Instant.parse("2026-11-28T09:15:00Z")),
          Optional.empty(),
          Optional.empty());

  @Test
  void isTheTextOfAStatement() {
    assertThat(STATUS.statement())
        .isEqualTo(
            "SELECT 'pgi_backup', '{\"lineage\":\"71-00000001-20261128t030000z\","
                + "\"since\":\"2026-11-28T03:00:00Z\",\"lsn\":\"0/5000148\","
                + "\"time\":\"2026-11-28T09:15:00Z\"}'");
    assertThat(ShippingStatus.UNKNOWN.statement()).isEqualTo("SELECT 'pgi_backup', '{}'");
  }

  @Test
  void aLongMessageIsCut() {
    String statement = with("it's ü\n".repeat(1000)).statement();

    assertThat(statement.length()).isBetween(800, ShippingStatus.MAX_STATEMENT);
    assertThat(statement).contains("\"message\":\"it''s \\u00FC it''s").endsWith("}'");
  }

  @Test
  void tellsTheGapBeforeTheLineage() {
    ShippingStatus status =
        new ShippingStatus(
            STATUS.lineage(),
            STATUS.since(),
            STATUS.lsn(),
            STATUS.time(),
            Optional.of("The slot is lost."),
            Optional.empty());

    assertThat(status.statement()).endsWith(",\"gap\":\"The slot is lost.\"}'");
    assertThat(status.withoutTime().gap()).isPresent();
  }

  @Test
  void theTimeAloneIsNoChange() {
    assertThat(STATUS.withoutTime().time()).isEmpty();
    assertThat(STATUS.withoutTime().lsn()).isPresent();
  }

  private static ShippingStatus with(String message) {
    return STATUS.with(Optional.of(new ShippingStatus.Problem("Rejected", message)));
  }
}
