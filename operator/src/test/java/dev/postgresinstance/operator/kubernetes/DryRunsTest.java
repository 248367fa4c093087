package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Permission;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server would answer to a write. */
class DryRunsTest extends ConditionalApplyCase {

  private static final String DRY_RUN = APPLY.replace("&force", "&dryRun=All&force");
  private static final String WEBHOOK =
      "Internal error occurred: failed calling webhook \"keep.example.com\": no endpoints available";

  private final Service other = InstanceService.desired(Snapshots.of("service: {nodePort: 30001}"));

  @Test
  void asksAboutTheStateOfTheObjectThatWasRead() {
    // Given
    answerDryRun(200, "");

    // When
    Optional<Rejection> rejection = apply.rejection(desired, Optional.of(drifted(7)));

    // Then
    assertThat(rejection).isEmpty();
    Service sent = sent(onlyRequest());
    assertThat(sent.getMetadata().getUid()).isEqualTo(drifted(7).getMetadata().getUid());
    assertThat(sent.getMetadata().getResourceVersion()).isEqualTo("7");
  }

  @Test
  void asksWhetherMissingObjectCanBeCreated() {
    // Given
    answerDryRun(200, "");

    // When
    Optional<Rejection> rejection = apply.rejection(desired, Optional.empty());

    // Then
    assertThat(rejection).isEmpty();
    Service sent = sent(onlyRequest());
    assertThat(sent.getMetadata().getUid()).isNull();
    assertThat(sent.getMetadata().getResourceVersion()).isEqualTo("1");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 413, 422})
  void returnsRejectionAndDoesNotAskAgainAtOnce(int code) {
    // Given
    answerDryRun(code, "no");

    // When
    Optional<Rejection> first = apply.rejection(desired, Optional.of(drifted(7)));
    Optional<Rejection> second = apply.rejection(other, Optional.of(drifted(7)));

    // Then: another password would be rejected, too
    assertThat(first).contains(new Rejection(code, "no"));
    assertThat(second).isEqualTo(first);
    assertThat(writes()).hasSize(1);
  }

  @Test
  void asksAgainWhenObjectWasChanged() {
    // Given
    answerDryRun(422, "no");
    apply.rejection(desired, Optional.of(drifted(7)));
    answerDryRun(200, "");

    // Then
    assertThat(apply.rejection(desired, Optional.of(drifted(8)))).isEmpty();
  }

  @Test
  void takesWebhookThatDoesNotAnswerForRejection() {
    // Given
    answerDryRun(500, WEBHOOK);

    // Then
    assertThat(apply.rejection(desired, Optional.of(drifted(7))))
        .contains(new Rejection(500, WEBHOOK));
  }

  @ParameterizedTest
  @ValueSource(ints = {409, 429, 500, 503})
  void takesNoOtherFailureForAnAnswer(int code) {
    // Given
    answerDryRun(code, "later");

    // Then
    assertThatThrownBy(() -> apply.rejection(desired, Optional.of(drifted(7))))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(code));
  }

  @Test
  void distrustsDryRunAfterRejectedWriteUntilObjectIsChanged() {
    // Given
    reject(422);
    assertThatThrownBy(() -> apply.apply(desired, Optional.of(drifted(7)), josdk.context()))
        .isInstanceOf(KubernetesClientException.class);
    answerDryRun(200, "");
    answerDryRun(200, "");

    // When
    Optional<Rejection> unchanged = apply.rejection(other, Optional.of(drifted(7)));
    Optional<Rejection> changed = apply.rejection(other, Optional.of(drifted(8)));

    // Then
    assertThat(unchanged).contains(new Rejection(422, "because of 422"));
    assertThat(changed).isEmpty();
  }

  @Test
  void namesMissingPermissionToCreate() {
    // Given: the API server does not name it
    answerDryRun(403, "no");
    api.server()
        .expect()
        .post()
        .withPath("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
        .andReturn(
            201,
            new SelfSubjectAccessReviewBuilder()
                .withNewStatus()
                .withAllowed(false)
                .endStatus()
                .build())
        .once();

    // Then
    assertThat(apply.rejection(desired, Optional.empty()).flatMap(Rejection::missing))
        .contains(new Permission("create", "services", "shop"));
  }

  private void answerDryRun(int code, String message) {
    api.server()
        .expect()
        .patch()
        .withPath(DRY_RUN)
        .andReturn(
            code,
            code == 200
                ? stored(7)
                : new StatusBuilder().withCode(code).withMessage(message).build())
        .once();
  }
}
