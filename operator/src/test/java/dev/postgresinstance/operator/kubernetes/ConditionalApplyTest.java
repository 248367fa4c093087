package dev.postgresinstance.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Abort;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.Preconditions;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The requests of ConditionalApply, and what it does with responses that succeed. */
class ConditionalApplyTest extends ConditionalApplyCase {

  @Test
  void createsMissingObjectAndNeverOverwritesOne() {
    // Given
    answer(201, stored(1));

    // When
    Service created = apply.apply(desired, Optional.empty(), josdk.context());

    // Then: with this resource version the API server creates the object or answers with a conflict
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

  @Test
  void changesObjectOnlyInTheVersionThatWasRead() {
    // Given
    answer(200, stored(8));

    // When
    Service updated = apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then: the uid of a deleted object, or an old version, causes a conflict
    RecordedRequest request = onlyRequest();
    assertThat(request.getMethod()).isEqualTo("PATCH");
    assertThat(request.getPath()).isEqualTo(APPLY);
    Service sent = sent(request);
    assertThat(sent.getMetadata().getUid()).isEqualTo("uid-1");
    assertThat(sent.getMetadata().getResourceVersion()).isEqualTo("7");
    assertThat(updated).isEqualTo(stored(8));
  }

  @Test
  void doesNotModifyDesiredObject() {
    // Given
    Service before = YAML.clone(desired);
    answer(200, stored(8));

    // When
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(desired).isEqualTo(before);
  }

  @Test
  void writesNothingWhenNothingDiffers() {
    // When
    Service actual = apply.apply(desired, Optional.of(stored(7)), josdk.context());

    // Then
    assertThat(actual).isEqualTo(stored(7));
    assertThat(writes()).isEmpty();
  }

  @Test
  void doesNotRepeatApplyThatChangedNothing() {
    // Given: the API server stores an object that never matches the desired one
    answer(200, drifted(7));
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // When
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());

    // Then
    assertThat(writes()).hasSize(1);
  }

  @Test
  void repeatsApplyWhenObjectWasChanged() {
    // Given
    answer(200, drifted(8));
    apply.apply(desired, Optional.of(drifted(7)), josdk.context());
    answer(200, drifted(10));

    // When: another writer has written version 9
    apply.apply(desired, Optional.of(drifted(9)), josdk.context());

    // Then
    assertThat(writes()).hasSize(2);
  }

  @Test
  void writesAnotherDesiredState() {
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
  void readsItsOwnWriteFromTheCacheAtOnce() {
    // Given
    answer(201, stored(5));

    // When
    apply.apply(desired, Optional.empty(), josdk.context());

    // Then
    assertThat(services.getSecondaryResources(snapshot.instance())).isEqualTo(Set.of(stored(5)));
  }

  @Test
  void leavesForeignObjectUnchanged() {
    // Given
    Service foreign =
        new ServiceBuilder(stored(7))
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "another")
            .endMetadata()
            .build();

    // When
    Abort abort = abort(foreign);

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CONFLICT);
    assertThat(abort).hasMessageContaining("Service orders").hasMessageContaining("not changed");
    assertThat(writes()).isEmpty();
  }

  @Test
  void treatsObjectWithoutIdentityAsForeign() {
    // Given: the label alone proves nothing, because anyone may set it
    Service foreign =
        new ServiceBuilder(stored(7))
            .editMetadata()
            .withAnnotations(Map.of())
            .endMetadata()
            .build();

    // When
    Abort abort = abort(foreign);

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CONFLICT);
    assertThat(writes()).isEmpty();
  }

  @Test
  void waitsForObjectThatIsBeingDeleted() {
    // Given
    Service terminating =
        new ServiceBuilder(stored(7))
            .editMetadata()
            .withDeletionTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .build();

    // When
    Abort abort = abort(terminating);

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CREATING);
    assertThat(abort).hasMessageContaining("is being deleted; the operator creates a new one");
    assertThat(writes()).isEmpty();
  }

  @Test
  void deletesOnlyTheVersionThatWasRead() {
    // Given
    api.server().expect().delete().withPath(PATH).andReturn(200, stored(7)).once();

    // When
    apply.delete(stored(7), "a test");

    // Then: an old version, or the uid of another object, causes a conflict
    RecordedRequest request = onlyRequest();
    assertThat(request.getMethod()).isEqualTo("DELETE");
    assertThat(YAML.unmarshal(request.getUtf8Body(), DeleteOptions.class).getPreconditions())
        .isEqualTo(new Preconditions("7", "uid-1"));
  }

  @Test
  void deletesObjectAfterItsPods() {
    // Given
    api.server().expect().delete().withPath(PATH).andReturn(200, stored(7)).once();

    // When
    apply.deleteWithPods(stored(7), "a test");

    // Then
    DeleteOptions options = YAML.unmarshal(onlyRequest().getUtf8Body(), DeleteOptions.class);
    assertThat(options.getPreconditions()).isEqualTo(new Preconditions("7", "uid-1"));
    assertThat(options.getPropagationPolicy()).isEqualTo("Foreground");
  }

  @Test
  void deletesStatefulSetWithoutItsPod() {
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

  private Abort abort(Service actual) {
    return catchThrowableOfType(
        Abort.class, () -> apply.apply(desired, Optional.of(actual), josdk.context()));
  }
}
