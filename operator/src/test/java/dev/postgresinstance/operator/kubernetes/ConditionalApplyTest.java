package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.cache.JosdkWithoutOperator;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ApiProblems;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.Preconditions;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceListBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire, on a server that gives the answers it is told to. */
class ConditionalApplyTest {

  private static final String PATH = "/api/v1/namespaces/shop/services/orders";
  private static final String APPLY = PATH + "?fieldManager=postgres-instance-operator&force=true";
  private static final String SELECTED =
      "labelSelector=app.kubernetes.io%2Fmanaged-by%3Dpostgres-instance-operator";
  private static final String LIST = "/api/v1/services?" + SELECTED + "&limit=250";
  private static final String WATCH =
      "/api/v1/services?allowWatchBookmarks=true&"
          + SELECTED
          + "&resourceVersion=1&timeoutSeconds=600&watch=true";
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  private final Snapshot snapshot = Snapshots.of("{}");
  private final Service desired = InstanceService.desired(snapshot);
  private JosdkWithoutOperator josdk;
  private EventSource<?, PostgresInstance> services;
  private ConditionalApply apply;

  @BeforeEach
  void start() {
    api.server()
        .expect()
        .get()
        .withPath(LIST)
        .andReturn(200, new ServiceListBuilder().withNewMetadata("", 0L, "1", "").build())
        .once();
    api.server().expect().get().withPath(WATCH).andUpgradeToWebSocket().open().done().always();
    josdk = new JosdkWithoutOperator(api.client());
    services = josdk.informers().eventSources().getFirst();
    services.start();
    apply = new ConditionalApply(api.client(), josdk.informers());
  }

  @AfterEach
  void stop() {
    services.stop();
  }

  @Test
  void whatIsNotThereIsCreatedAndNeverOverwritten() {
    // Given
    answer(201, stored(1));

    // When
    Service created = apply.apply(desired, Optional.empty(), josdk.context());

    // Then: with this resource version the API server creates, or answers with a conflict
    RecordedRequest request = onlyRequest();
    assertThat(request.getMethod()).isEqualTo("PATCH");
    assertThat(request.getPath()).isEqualTo(APPLY);
    assertThat(request.getHeader("Content-Type")).startsWith("application/apply-patch+yaml");
    Service sent = sent(request);
    assertThat(sent.getMetadata().getResourceVersion()).isEqualTo("1");
    assertThat(sent.getMetadata().getUid()).isNull();
    assertThat(sent.getSpec()).isEqualTo(desired.getSpec());
    assertThat(created.getMetadata().getUid()).isEqualTo("uid-1");
  }

  @ParameterizedTest
  @CsvSource({
    "false, MISSING_RIGHT, lacks permission to create services in namespace shop",
    "true, API_ERROR, because of 403"
  })
  void whatMayNotBeCreatedIsToldApartFromWhatIsRefusedOtherwise(
      boolean allowed, Reason reason, String words) {
    // Given: the API server does not say which right an apply lacked
    refuse(403);
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
    assertThat(problem.message()).contains(words);
  }

  @Test
  void whatIsThereIsChangedOnlyAsItWasRead() {
    // Given
    answer(200, stored(8));

    // When
    Service updated = apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then: with the uid of an object that is gone, or an old version, it is a conflict
    RecordedRequest request = onlyRequest();
    assertThat(request.getMethod()).isEqualTo("PATCH");
    assertThat(request.getPath()).isEqualTo(APPLY);
    Service sent = sent(request);
    assertThat(sent.getMetadata().getUid()).isEqualTo("uid-1");
    assertThat(sent.getMetadata().getResourceVersion()).isEqualTo("7");
    assertThat(updated).isEqualTo(stored(8));
  }

  @Test
  void wishItselfIsNotChangedByWriting() {
    // Given
    Service before = YAML.clone(desired);
    answer(200, stored(8));

    // When
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(desired).isEqualTo(before);
  }

  @Test
  void nothingIsWrittenWhereNothingDiffers() {
    // When
    Service actual = apply.apply(desired, Optional.of(stored(7)), josdk.context());

    // Then
    assertThat(actual).isEqualTo(stored(7));
    assertThat(writes()).isEmpty();
  }

  @Test
  void applyThatChangedNothingIsNotRepeated() {
    // Given: the API server stores something that never looks like what was asked for
    answer(200, drifted(7));
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // When
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(writes()).hasSize(1);
  }

  @Test
  void applyIsRepeatedOnceTheObjectWasChanged() {
    // Given
    answer(200, drifted(8));
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());
    answer(200, drifted(10));

    // When: someone has written version 9
    apply.apply(desired, Optional.of(drifted(9)), josdk.context());

    // Then
    assertThat(writes()).hasSize(2);
  }

  @Test
  void anotherWishIsWritten() {
    // Given
    answer(200, drifted(8));
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());
    answer(200, drifted(9));
    Service other = InstanceService.desired(Snapshots.of("service: {nodePort: 30001}"));

    // When
    apply.apply(other, Optional.of(drifted(8)), josdk.context());

    // Then
    assertThat(writes()).hasSize(2);
  }

  @Test
  void whatWasWrittenIsReadFromTheCacheAtOnce() {
    // Given
    answer(201, stored(5));

    // When
    apply.apply(desired, Optional.empty(), josdk.context());

    // Then
    assertThat(services.getSecondaryResources(snapshot.instance())).isEqualTo(Set.of(stored(5)));
  }

  @Test
  void strangersObjectIsRefusedAndNotTouched() {
    // Given
    Service stranger =
        new ServiceBuilder(stored(7))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "another")
            .endMetadata()
            .build();

    // When
    Abort refusal =
        catchThrowableOfType(
            Abort.class, () -> apply.apply(desired, Optional.of(stranger), josdk.context()));

    // Then
    assertThat(refusal.problem().reason()).isEqualTo(Reason.CONFLICT);
    assertThat(refusal).hasMessageContaining("Service orders").hasMessageContaining("not changed");
    assertThat(writes()).isEmpty();
  }

  @Test
  void objectWithoutIdentityIsAStrangers() {
    // Given: the label alone proves nothing, anyone may set it
    Service stranger =
        new ServiceBuilder(stored(7))
            .editMetadata()
            .withAnnotations(Map.of())
            .endMetadata()
            .build();

    // When
    Abort refusal =
        catchThrowableOfType(
            Abort.class, () -> apply.apply(desired, Optional.of(stranger), josdk.context()));

    // Then
    assertThat(refusal.problem().reason()).isEqualTo(Reason.CONFLICT);
    assertThat(writes()).isEmpty();
  }

  @Test
  void objectThatIsBeingDeletedIsWaitedFor() {
    // Given
    Service dying =
        new ServiceBuilder(stored(7))
            .editMetadata()
            .withDeletionTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .build();

    // When
    Abort refusal =
        catchThrowableOfType(
            Abort.class, () -> apply.apply(desired, Optional.of(dying), josdk.context()));

    // Then
    assertThat(refusal.problem().reason()).isEqualTo(Reason.CREATING);
    assertThat(refusal).hasMessageContaining("is being deleted; the operator creates a new one");
    assertThat(writes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 409, 422, 500})
  void refusalIsHandedOnWithTheServersWords(int code) {
    // Given
    refuse(code);

    // When
    KubernetesClientException refusal = refusal(drifted(7));

    // Then
    assertThat(refusal.getCode()).isEqualTo(code);
    assertThat(ApiErrors.message(refusal)).isEqualTo("because of " + code);
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 422})
  void refusedWriteIsNotRepeatedAtOnce(int code) {
    // Given
    refuse(code);
    KubernetesClientException first = refusal(drifted(7));

    // When
    KubernetesClientException second = refusal(drifted(7));

    // Then
    assertThat(second).isSameAs(first);
    assertThat(writes()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {409, 429, 500, 503})
  void writeThatAnotherTryMayMendIsRepeated(int code) {
    // Given
    refuse(code);
    refusal(drifted(7));
    answer(200, stored(8));

    // When
    Service updated = apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(updated).isEqualTo(stored(8));
  }

  @Test
  void refusedWriteIsRepeatedOnceTheObjectWasChanged() {
    // Given
    refuse(403);
    refusal(drifted(7));
    answer(200, stored(9));

    // When
    Service updated = apply.apply(desired, Optional.of(drifted(8)), josdk.context());

    // Then
    assertThat(updated).isEqualTo(stored(9));
  }

  @Test
  void refusedWriteIsRepeatedOnceTheWishHasChanged() {
    // Given
    refuse(422);
    refusal(drifted(7));
    answer(200, drifted(8));
    Service other = InstanceService.desired(Snapshots.of("service: {nodePort: 30001}"));

    // When
    Service updated = apply.apply(other, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(updated).isEqualTo(drifted(8));
  }

  @Test
  void createdByAnotherMeanwhileIsAConflictThatIsLookedAtAgain() {
    // Given
    refuse(409);
    KubernetesClientException conflict =
        catchThrowableOfType(
            KubernetesClientException.class,
            () -> apply.apply(desired, Optional.empty(), josdk.context()));

    // When: the next pass reads what is there, and it is ours
    Service actual = apply.apply(desired, Optional.of(stored(7)), josdk.context());

    // Then
    assertThat(conflict.getCode()).isEqualTo(409);
    assertThat(actual).isEqualTo(stored(7));
    assertThat(writes()).hasSize(1);
  }

  @Test
  void onlyWhatWasSeenIsDeleted() {
    // Given
    api.server().expect().delete().withPath(PATH).andReturn(200, stored(7)).once();

    // When
    apply.delete(stored(7), "a test");

    // Then: with an old version, or the uid of another, it is a conflict
    RecordedRequest request = onlyRequest();
    assertThat(request.getMethod()).isEqualTo("DELETE");
    assertThat(YAML.unmarshal(request.getUtf8Body(), DeleteOptions.class).getPreconditions())
        .isEqualTo(new Preconditions("7", "uid-1"));
  }

  @Test
  void aStatefulSetIsDeletedAroundItsPod() {
    // Given
    String path = "/apis/apps/v1/namespaces/shop/statefulsets/orders";
    api.server()
        .expect()
        .delete()
        .withPath(path)
        .andReturn(200, new StatusBuilder().build())
        .once();
    StatefulSet actual =
        new StatefulSetBuilder()
            .withNewMetadata()
            .withNamespace("shop")
            .withName("orders")
            .withUid("uid-1")
            .withResourceVersion("7")
            .endMetadata()
            .build();

    // When
    apply.deleteWithoutPod(actual, "a test");

    // Then
    DeleteOptions options = YAML.unmarshal(onlyRequest().getUtf8Body(), DeleteOptions.class);
    assertThat(options.getPropagationPolicy()).isEqualTo("Orphan");
    assertThat(options.getPreconditions()).isEqualTo(new Preconditions("7", "uid-1"));
  }

  private void answer(int code, Service body) {
    api.server().expect().patch().withPath(APPLY).andReturn(code, body).once();
  }

  private void refuse(int code) {
    api.server()
        .expect()
        .patch()
        .withPath(APPLY)
        .andReturn(
            code, new StatusBuilder().withCode(code).withMessage("because of " + code).build())
        .once();
  }

  private KubernetesClientException refusal(Service actual) {
    return catchThrowableOfType(
        KubernetesClientException.class,
        () -> apply.apply(desired, Optional.of(actual), josdk.context()));
  }

  /** What a pass makes of it. */
  private static Problem problem(ThrowingCallable call) {
    return switch (catchThrowable(call)) {
      case Abort refusal -> refusal.problem();
      case KubernetesClientException failure -> ApiProblems.of(ApiErrors.message(failure));
      case Throwable other -> throw new AssertionError(other);
    };
  }

  private RecordedRequest onlyRequest() {
    List<RecordedRequest> requests = writes();
    assertThat(requests).hasSize(1);
    return requests.getFirst();
  }

  /** All requests but those by which the cache is filled. */
  private List<RecordedRequest> writes() {
    try {
      List<RecordedRequest> writes = new ArrayList<>();
      for (int left = api.server().getRequestCount(); left > 0; left--) {
        RecordedRequest request = api.server().takeRequest();
        if (!request.getMethod().equals("GET")) {
          writes.add(request);
        }
      }
      return writes;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Service sent(RecordedRequest request) {
    return YAML.unmarshal(request.getUtf8Body(), Service.class);
  }

  /** The desired object as the API server keeps it: filled in, and with who manages what. */
  private static Service stored(int version) {
    InputStream yaml = ConditionalApplyTest.class.getResourceAsStream("stored-service.yaml");
    return new ServiceBuilder(YAML.unmarshal(yaml, Service.class))
        .editMetadata()
        .withResourceVersion(Integer.toString(version))
        .endMetadata()
        .build();
  }

  /** As {@link #stored}, after someone has changed what the operator asks for. */
  private static Service drifted(int version) {
    return new ServiceBuilder(stored(version))
        .editSpec()
        .withPublishNotReadyAddresses(false)
        .endSpec()
        .build();
  }
}
