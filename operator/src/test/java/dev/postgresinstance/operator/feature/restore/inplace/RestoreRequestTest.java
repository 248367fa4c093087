package dev.postgresinstance.operator.feature.restore.inplace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.RecoveryTarget;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person may write into the annotation. */
class RestoreRequestTest {

  private static final String UID = "6f1f3c4e-0000-4000-8000-000000000002";

  @ParameterizedTest
  @CsvSource({
    "2026-11-28T09:15:00Z,              the archive as of 2026-11-28T09:15:00Z",
    "2026-11-28T09:15:00.123456+01:00,  the archive as of 2026-11-28T09:15:00.123456+01:00",
    "0/5000148,                         the archive as of 0/5000148",
    "backup/orders-20261128-030000,     PostgresBackup orders-20261128-030000 as of its end",
    "latest,                            the archive"
  })
  void readsTargetAndClaim(String target, String description) {
    // When
    RestoreRequest request = RestoreRequest.parse(target + "@" + UID).orElseThrow();

    // Then
    assertThat(request.claimUid()).isEqualTo(UID);
    assertThat(request.targetText()).isEqualTo(target);
    assertThat(request.description()).isEqualTo(description);
  }

  @Test
  void targetIsThatOfASource() {
    assertThat(target("2026-11-28T09:15:00Z"))
        .contains(new RecoveryTarget("2026-11-28T09:15:00Z", null, null));
    assertThat(target("0/5000148")).contains(new RecoveryTarget(null, "0/5000148", null));
    assertThat(target("backup/nightly")).contains(new RecoveryTarget(null, null, true));
    assertThat(target("latest")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "latest",
        "latest@",
        "@u",
        "latest @u",
        "latest@u\n",
        "Latest@u",
        "yesterday@u",
        "2026-11-28@u",
        "2026-11-28T09:15:00@u",
        "2026-13-28T09:15:00Z@u",
        "0/G@u",
        "backup/@u",
        "backup/Orders@u",
        "latest@u@v",
        "latest@u/v"
      })
  void otherFormsAreNoRequest(String value) {
    assertThat(RestoreRequest.parse(value)).isEmpty();
  }

  private static Optional<RecoveryTarget> target(String target) {
    return RestoreRequest.parse(target + "@" + UID).orElseThrow().target();
  }
}
