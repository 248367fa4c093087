package dev.postgresinstance.operator.archive.program.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.VerificationRecord;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifiedLinesTest {

  private static final String LINES =
      "reached_lsn=0/5000148\nreached_time=2026-11-28T09:15:00.5Z\nseconds=63\n";

  @Test
  void becomeTheRecordOfAVerification() throws Exception {
    // Given
    Instant time = Instant.parse("2026-11-29T05:01:03Z");

    // Then
    assertThat(VerifiedLines.parse(LINES).record("20261128-030000", time))
        .isEqualTo(
            new VerificationRecord(
                1,
                "20261128-030000",
                time,
                Lsn.parse("0/5000148"),
                Instant.parse("2026-11-28T09:15:00.5Z"),
                63));
  }

  @ParameterizedTest
  @ValueSource(strings = {"reached_lsn", "reached_time", "seconds"})
  void eachLineIsNeeded(String name) {
    assertThatThrownBy(() -> VerifiedLines.parse(LINES.replace(name, "x")))
        .isInstanceOf(ProgramFailure.class)
        .hasMessageContaining("not valid");
  }
}
