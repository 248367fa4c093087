package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ConditionalApply does with requests that the API server rejects. */
class ConditionalApplyRejectionTest extends ConditionalApplyCase {

  @ParameterizedTest
  @CsvSource({
    "false, MISSING_RIGHT, lacks permission to create services in namespace shop",
    "true, API_ERROR, because of 403"
  })
  void distinguishesMissingPermissionToCreateFromOtherRejections(
      boolean allowed, Reason reason, String message) {
    // Given: the API server does not name the permission that an apply lacked
    reject(403);
    api.server()
        .expect()
        .post()
        .withPath("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
        .andReturn(
            201,
            new SelfSubjectAccessReviewBuilder()
                .withNewStatus()
                .withAllowed(allowed)
                .endStatus()
                .build())
        .once();

    // When
    Problem problem = problem(() -> apply.apply(desired, Optional.empty(), josdk.context()));

    // Then
    assertThat(problem.reason()).isEqualTo(reason);
    assertThat(problem.message()).contains(message);
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 409, 422, 500})
  void passesOnMessageOfApiServer(int code) {
    // Given
    reject(code);

    // When
    KubernetesClientException rejection = rejection(drifted(7));

    // Then
    assertThat(rejection.getCode()).isEqualTo(code);
    assertThat(ApiErrors.message(rejection)).isEqualTo("because of " + code);
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 422})
  void doesNotRepeatRejectedWriteAtOnce(int code) {
    // Given
    reject(code);
    KubernetesClientException first = rejection(drifted(7));

    // When
    KubernetesClientException second = rejection(drifted(7));

    // Then
    assertThat(second).isSameAs(first);
    assertThat(writes()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {409, 429, 500, 503})
  void repeatsWriteThatMaySucceedLater(int code) {
    // Given
    reject(code);
    rejection(drifted(7));
    answer(200, stored(8));

    // When
    Service updated = apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(updated).isEqualTo(stored(8));
  }

  @Test
  void repeatsRejectedWriteWhenObjectWasChanged() {
    // Given
    reject(403);
    rejection(drifted(7));
    answer(200, stored(9));

    // When
    Service updated = apply.apply(desired, Optional.of(drifted(8)), josdk.context());

    // Then
    assertThat(updated).isEqualTo(stored(9));
  }

  @Test
  void repeatsRejectedWriteWhenDesiredStateHasChanged() {
    // Given
    reject(422);
    rejection(drifted(7));
    answer(200, drifted(8));
    Service other = InstanceService.desired(Snapshots.of("service: {nodePort: 30001}"));

    // When
    Service updated = apply.apply(other, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(updated).isEqualTo(drifted(8));
  }

  @Test
  void readsObjectAgainAfterConflict() {
    // Given
    reject(409);
    KubernetesClientException conflict =
        catchThrowableOfType(
            KubernetesClientException.class,
            () -> apply.apply(desired, Optional.empty(), josdk.context()));

    // When: the next reconciliation reads the object, and it belongs to the instance
    Service actual = apply.apply(desired, Optional.of(stored(7)), josdk.context());

    // Then
    assertThat(conflict.getCode()).isEqualTo(409);
    assertThat(actual).isEqualTo(stored(7));
    assertThat(writes()).hasSize(1);
  }

  private KubernetesClientException rejection(Service actual) {
    return catchThrowableOfType(
        KubernetesClientException.class,
        () -> apply.apply(desired, Optional.of(actual), josdk.context()));
  }

  /** The problem that a reconciliation reports for a failure. */
  private static Problem problem(ThrowingCallable call) {
    return switch (catchThrowable(call)) {
      case Abort abort -> abort.problem();
      case KubernetesClientException failure -> ApiProblems.of(ApiErrors.message(failure));
      case Throwable other -> throw new AssertionError(other);
    };
  }
}
