package dev.postgresinstance.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import org.junit.jupiter.api.Test;

class ApiTroubleTest {

  @Test
  void aMissingRightIsNamed() {
    // When
    Trouble trouble =
        ApiTrouble.of(
            "services \"orders\" is forbidden: User \"system:serviceaccount:ops:pgi\" cannot patch"
                + " resource \"services\" in API group \"\" in the namespace \"shop\"");

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.MISSING_RIGHT);
    assertThat(trouble.message())
        .startsWith("The operator, as system:serviceaccount:ops:pgi, lacks the right to patch")
        .contains("patch services", "in the namespace \"shop\"");
  }

  @Test
  void aQuotaIsNamed() {
    // When
    Trouble trouble =
        ApiTrouble.of("services \"orders\" is forbidden: exceeded quota: ports, requested: 1");

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
    assertThat(trouble.message()).contains("exceeded quota: ports");
  }

  @Test
  void anythingElseIsToldInTheWordsOfTheApiServer() {
    assertThat(ApiTrouble.of("no"))
        .isEqualTo(new Trouble(Reason.API_ERROR, "The API server refuses: no"));
  }
}
