package dev.postgresinstance.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.Reason;
import java.util.List;
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
        .startsWith("The operator lacks the right to patch services in namespace shop; ")
        .contains("User \"system:serviceaccount:ops:pgi\" cannot patch");
  }

  @Test
  void aRightOnWhatBelongsToNoNamespaceIsNamed() {
    assertThat(
            ApiTrouble.of(
                    "nodes is forbidden: User \"pgi\" cannot list resource \"nodes\" in API group"
                        + " \"\" at the cluster scope")
                .message())
        .startsWith("The operator lacks the right to list nodes; ");
  }

  @Test
  void allRightsAreNamedWithoutWhichItDoesNotHearOfChanges() {
    // When
    Trouble trouble =
        ApiTrouble.deaf(
            List.of(new Right("watch", "pods", "shop"), new Right("list", "secrets", "shop")));

    // Then
    assertThat(trouble.reason()).isEqualTo(Reason.MISSING_RIGHT);
    assertThat(trouble.message())
        .startsWith(
            "The operator lacks the right to list secrets in namespace shop, watch pods in"
                + " namespace shop; ");
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
