package dev.postgresinstance.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RejectionTest {

  /** Answers of API server 1.35, in full. */
  enum Answer {
    NODE_PORT_TAKEN(
        422,
        "Service \"orders\" is invalid: spec.ports[0].nodePort: Invalid value: 30432: provided port"
            + " is already allocated"),
    NODE_PORT_OUT_OF_RANGE(
        422,
        "Service \"orders\" is invalid: spec.ports[0].nodePort: Invalid value: 5432: provided port"
            + " is not in the valid range. The range of valid ports is 30000-32767"),
    IMMUTABLE_STATEFUL_SET(
        422,
        "StatefulSet.apps \"orders\" is invalid: spec: Forbidden: updates to statefulset spec for"
            + " fields other than 'replicas', 'ordinals', 'template', 'updateStrategy',"
            + " 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and"
            + " 'minReadySeconds' are forbidden"),
    IMMUTABLE_SECRET(
        422,
        "Secret \"orders-app\" is invalid: data: Forbidden: field is immutable when `immutable` is"
            + " set"),
    INVALID_RESOURCES(
        422,
        "StatefulSet.apps \"orders\" is invalid:"
            + " spec.template.spec.containers[0].resources.requests: Invalid value: \"2Gi\": must be"
            + " less than or equal to memory limit of 1Gi"),
    QUOTA_OF_PORTS(
        403,
        "services \"orders\" is forbidden: exceeded quota: ports, requested: services.nodeports=1,"
            + " used: services.nodeports=1, limited: services.nodeports=1"),
    QUOTA_OF_STORAGE(
        403,
        "persistentvolumeclaims \"orders-data\" is forbidden: exceeded quota: small, requested:"
            + " requests.storage=2Gi, used: requests.storage=9Gi, limited: requests.storage=10Gi"),
    POD_SECURITY(
        403,
        "pods \"orders-0\" is forbidden: violates PodSecurity \"restricted:latest\":"
            + " allowPrivilegeEscalation != false (container \"postgres\" must set"
            + " securityContext.allowPrivilegeEscalation=false)"),
    MISSING_PERMISSION(
        403,
        "services \"orders\" is forbidden: User \"system:serviceaccount:ops:pgi\" cannot patch"
            + " resource \"services\" in API group \"\" in the namespace \"shop\""),
    MISSING_PERMISSION_IN_CLUSTER(
        403,
        "nodes is forbidden: User \"system:serviceaccount:ops:pgi\" cannot list resource \"nodes\" in"
            + " API group \"\" at the cluster scope"),
    CONFLICT(
        409,
        "Operation cannot be fulfilled on services \"orders\": the object has been modified; please"
            + " apply your changes to the latest version and try again"),
    TIMEOUT(504, "Timeout: request did not complete within the allotted timeout");

    private final int code;
    private final String message;

    Answer(int code, String message) {
      this.code = code;
      this.message = message;
    }

    Rejection rejection() {
      return new Rejection(code, message);
    }
  }

  @ParameterizedTest
  @EnumSource
  void recognizesUnavailableNodePort(Answer answer) {
    // When
    boolean unavailable = answer.rejection().isNodePortUnavailable();

    // Then: a quota of node ports is another problem
    assertThat(unavailable)
        .isEqualTo(
            switch (answer) {
              case NODE_PORT_TAKEN, NODE_PORT_OUT_OF_RANGE -> true;
              default -> false;
            });
  }

  @ParameterizedTest
  @EnumSource
  void recognizesImmutableFieldOfStatefulSet(Answer answer) {
    assertThat(answer.rejection().isImmutableStatefulSet())
        .isEqualTo(answer == Answer.IMMUTABLE_STATEFUL_SET);
  }

  @ParameterizedTest
  @EnumSource
  void recognizesExceededQuota(Answer answer) {
    assertThat(Rejection.isQuota(answer.message))
        .isEqualTo(
            switch (answer) {
              case QUOTA_OF_PORTS, QUOTA_OF_STORAGE -> true;
              default -> false;
            });
  }

  @ParameterizedTest
  @EnumSource
  void distinguishesRefusedContentFromMissingPermissionAndPassingFailure(Answer answer) {
    assertThat(answer.rejection().isRefusedContent())
        .isEqualTo(
            switch (answer) {
              case MISSING_PERMISSION, MISSING_PERMISSION_IN_CLUSTER, CONFLICT, TIMEOUT -> false;
              default -> true;
            });
  }

  @ParameterizedTest
  @EnumSource
  void recognizesImmutableSecret(Answer answer) {
    assertThat(answer.rejection().isImmutableObject()).isEqualTo(answer == Answer.IMMUTABLE_SECRET);
  }
}
