package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import dev.postgresinstance.operator.kubernetes.WriteListener;
import dev.postgresinstance.operator.kubernetes.cache.JosdkWithoutOperator;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.ActionLog;
import dev.postgresinstance.operator.report.EventMessage;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.report.ProblemLog;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the rejection of one child means for the others. */
class ChildWriterTest {

  private static final String SERVICE = "/api/v1/namespaces/shop/services/orders";
  private static final String CLAIM = "/api/v1/namespaces/shop/persistentvolumeclaims/orders-data";
  private static final String SECRET = "/api/v1/namespaces/shop/secrets/orders-app";
  private static final String APPLY = "?fieldManager=postgres-instance-operator&force=true";

  @RegisterExtension final MockApiServer api = new MockApiServer();

  private final ProblemLog problems = new ProblemLog();
  private final ActionLog actions = new ActionLog();
  private final Snapshot initial = Snapshots.withPublishedPassword(Snapshots.initialized());
  private final Service service = stored(InstanceService.desired(initial));
  private final Snapshot running = Snapshots.with(initial.with(service), statefulSet());

  @Test
  void rejectedUpdateIsAProblemAndEndsNothing() {
    // Given
    reject(SERVICE, 422);
    ChildWriter writer = writer(running);

    // When
    writer.write(Child.of(ObjectKey.SERVICE, changedService()));

    // Then
    assertThat(problems.problems())
        .containsExactly(
            new Problem(Reason.API_ERROR, "The API server rejects Service orders: because"));
    assertThat(writer.isWritten(ObjectKey.SERVICE)).isFalse();
    assertThat(writer.exists(ObjectKey.SERVICE)).isTrue();
    assertThat(writer.isWritten(ObjectKey.STATEFUL_SET)).isTrue();
    assertThat(writer.hasWritten()).isFalse();
  }

  @Test
  void rejectedUpdateIsNotReportedAsAction() {
    // Given
    reject(SERVICE, 403);

    // When
    writer(running)
        .write(
            Child.of(ObjectKey.SERVICE, changedService())
                .reporting(
                    Optional.of(EventMessage.action(EventReason.PASSWORD_PUBLISHED, "Done."))));

    // Then
    assertThat(actions.messages()).isEmpty();
  }

  @Test
  void rejectedFallbackIsASecondProblem() {
    // Given
    reject(SERVICE, 422);
    reject(SERVICE, 422);
    Problem first = new Problem(Reason.NODE_PORT_UNAVAILABLE, "no port");

    // When
    writer(running)
        .write(
            Child.of(ObjectKey.SERVICE, changedService())
                .orElse(
                    rejection ->
                        Optional.of(
                            new Fallback.UseInstead<>(
                                InstanceService.desired(
                                    Snapshots.of("service: {type: LoadBalancer}")),
                                first))));

    // Then
    assertThat(problems.problems())
        .extracting(Problem::reason)
        .containsExactly(Reason.NODE_PORT_UNAVAILABLE, Reason.API_ERROR);
  }

  @Test
  void rejectedCreationEndsOnlyTheReconciliationOfNewInstance() {
    // Given
    reject(SECRET, 422);
    reject(SECRET, 422);
    Snapshot fresh = Snapshots.initialized();
    Child<Secret> child =
        Child.of(ObjectKey.APP_SECRET, initial.get(ObjectKey.APP_SECRET).orElseThrow());
    ChildWriter existing = writer(Snapshots.with(fresh, statefulSet()));

    // When
    existing.write(child);

    // Then
    assertThat(existing.exists(ObjectKey.APP_SECRET)).isFalse();
    assertThat(
            catchThrowableOfType(Abort.class, () -> writer(fresh).write(child)).problem().message())
        .isEqualTo("The API server rejects Secret orders-app: because");
  }

  @Test
  void temporaryFailureIsRetried() {
    // Given
    reject(SERVICE, 503);

    // Then
    assertThatThrownBy(() -> writer(running).write(Child.of(ObjectKey.SERVICE, changedService())))
        .isInstanceOf(KubernetesClientException.class);
    assertThat(problems.problems()).isEmpty();
  }

  @Test
  void claimGetsNoOwnerAfterSecretWasRejected() {
    // Given: the policy changes to Delete
    reject(SECRET, 403);
    Snapshot deletable =
        Snapshots.withSpec(
            running.with(stored(DataClaim.desired(initial, Optional.empty()))),
            "deletionPolicy: Delete");
    PersistentVolumeClaim claim = deletable.get(ObjectKey.CLAIM).orElseThrow();
    api.server().expect().patch().withPath(CLAIM + APPLY).andReturn(200, claim).once();
    ChildWriter writer = writer(deletable);

    // When
    var secret = deletable.get(ObjectKey.APP_SECRET).orElseThrow();
    writer.write(Child.of(ObjectKey.APP_SECRET, secret.edit().addToData("added", "eA==").build()));
    writer.write(Child.of(ObjectKey.CLAIM, DataClaim.desired(deletable, Optional.empty())));

    // Then
    assertThat(problems.problems()).hasSize(1);
    assertThat(lastBody()).contains("PersistentVolumeClaim").doesNotContain("ownerReferences");
  }

  @Test
  void secretGetsNewDataAndKeepsItsOwnerAfterClaimWasRejected() {
    // Given: the policy changes to Delete
    reject(CLAIM, 403);
    Snapshot deletable =
        Snapshots.withSpec(
            running.with(stored(DataClaim.desired(initial, Optional.empty()))),
            "deletionPolicy: Delete");
    Secret present = deletable.get(ObjectKey.APP_SECRET).orElseThrow();
    Secret desired =
        present
            .edit()
            .addToData("added", "eA==")
            .editMetadata()
            .addNewOwnerReference()
            .withName("orders")
            .endOwnerReference()
            .endMetadata()
            .build();
    Secret written = stored(present.edit().addToData("added", "eA==").build());
    api.server().expect().patch().withPath(SECRET + APPLY).andReturn(200, written).once();
    ChildWriter writer = writer(deletable);

    // When
    writer.write(Child.of(ObjectKey.CLAIM, DataClaim.desired(deletable, Optional.empty())));
    writer.write(Child.of(ObjectKey.APP_SECRET, desired));

    // Then
    assertThat(writer.snapshot().get(ObjectKey.APP_SECRET)).contains(written);
    assertThat(lastBody()).contains("added").doesNotContain("ownerReferences");
  }

  @Test
  void claimGrowsAfterSecretWasRejected() {
    // Given
    reject(SECRET, 403);
    Snapshot growing =
        Snapshots.withSpec(
            running.with(stored(DataClaim.desired(initial, Optional.empty()))),
            "storage: {size: 9Gi}");
    PersistentVolumeClaim grown = stored(DataClaim.desired(growing, Optional.empty()));
    api.server().expect().patch().withPath(CLAIM + APPLY).andReturn(200, grown).once();
    ChildWriter writer = writer(growing);

    // When
    var secret = growing.get(ObjectKey.APP_SECRET).orElseThrow();
    writer.write(Child.of(ObjectKey.APP_SECRET, secret.edit().addToData("added", "eA==").build()));
    writer.write(Child.of(ObjectKey.CLAIM, DataClaim.desired(growing, Optional.empty())));

    // Then
    assertThat(writer.snapshot().get(ObjectKey.CLAIM)).contains(grown);
  }

  private ChildWriter writer(Snapshot snapshot) {
    ConditionalApply apply = new ConditionalApply(api.client(), new NoListener());
    return new ChildWriter(
        apply, new JosdkWithoutOperator(api.client()).context(), snapshot, problems, actions);
  }

  private String lastBody() {
    try {
      return api.server().getLastRequest().getBody().readUtf8();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class NoListener implements WriteListener {
    @Override
    public <R extends HasMetadata> void written(R object, Optional<R> previous) {}
  }

  private void reject(String path, int code) {
    api.server()
        .expect()
        .patch()
        .withPath(path + APPLY)
        .andReturn(code, new StatusBuilder().withCode(code).withMessage("because").build())
        .once();
  }

  private StatefulSet statefulSet() {
    return stored(Pods.statefulSet(initial, PostgresImages.DEFAULT, Optional.empty()));
  }

  private static Service changedService() {
    return InstanceService.desired(Snapshots.of("service: {nodePort: 30001}"));
  }

  /** The object as the API server returns it. */
  private static <T extends HasMetadata> T stored(T desired) {
    T object = Serialization.clone(desired);
    object.getMetadata().setUid("1");
    object.getMetadata().setResourceVersion("7");
    return object;
  }
}
