package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.feature.network.InstanceService;
import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.Rank;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreflightTest {

  private static final String DELETED = "6f1f3c4e-0000-4000-8000-0000000000ff";

  private final Snapshot fresh = Snapshots.of("{}");
  private final Service service = InstanceService.desired(fresh);
  private final PersistentVolumeClaim claim = DataClaim.desired(fresh, Optional.empty());
  private final Secret secret =
      AppSecret.desired(fresh, new Credentials("p", true, "o", "s"), Optional.empty(), Pods.NOW);

  @Test
  void acceptsInstanceWithoutChildren() {
    assertThatCode(() -> Preflight.check(fresh)).doesNotThrowAnyException();
  }

  @Test
  void acceptsChildrenOfTheInstance() {
    // Given
    Snapshot snapshot = fresh.with(service).with(claim).with(secret);

    // Then
    assertThatCode(() -> Preflight.check(snapshot)).doesNotThrowAnyException();
  }

  @Test
  void acceptsVolumeWithBackupsOfAFormerInstanceOfTheName() {
    // Given
    PersistentVolumeClaim backups = copy(claim);
    backups.getMetadata().setName("orders-backup");
    Snapshot snapshot = fresh.with(claim).with(of("another", backups));

    // Then
    assertThatCode(() -> Preflight.check(snapshot)).doesNotThrowAnyException();
    backups.getMetadata().setAnnotations(Map.of());
    assertThat(abort(fresh.with(claim).with(backups)).problem().reason())
        .isEqualTo(Reason.CONFLICT);
  }

  @Test
  void abortsOnObjectThatNoInstanceCreated() {
    // Given
    Service foreign = copy(service);
    foreign.getMetadata().setAnnotations(Map.of());

    // When
    Abort abort = abort(fresh.with(claim).with(foreign));

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CONFLICT);
    assertThat(abort.problem().rank()).isEqualTo(Rank.STOPPED);
    assertThat(abort).hasMessageStartingWith("Service orders exists and does not belong");
  }

  @Test
  void abortsOnObjectOfAnotherInstance() {
    // Given
    Snapshot snapshot = fresh.with(claim).with(of("another", secret));

    // When
    Abort abort = abort(snapshot);

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CONFLICT);
    assertThat(abort)
        .hasMessageStartingWith("Secret orders-app exists")
        .hasMessageContaining("postgresinstance.dev/adopt: another");
  }

  @Test
  void acceptsObjectOfAnotherInstanceThatTheUserAdopts() {
    // Given
    Snapshot snapshot = adopting("another", fresh.with(claim).with(of("another", secret)));

    // Then
    assertThatCode(() -> Preflight.check(snapshot)).doesNotThrowAnyException();
  }

  @Test
  void abortsOnObjectThatTheConsentDoesNotName() {
    // Given
    Snapshot snapshot = adopting("another", fresh.with(claim).with(of("third", secret)));

    // When
    Abort abort = abort(snapshot);

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CONFLICT);
  }

  @ParameterizedTest(name = "adopted: {0}")
  @ValueSource(booleans = {false, true})
  void waitsForClaimOfDeletedInstanceEvenWhenAdopted(boolean adopted) {
    // Given: the garbage collector is about to delete the claim
    Snapshot snapshot = fresh.with(ownedByDeleted(of(DELETED, claim)));

    // When
    Abort abort = abort(adopted ? adopting(DELETED, snapshot) : snapshot);

    // Then
    assertThat(abort.problem().reason()).isEqualTo(Reason.CREATING);
    assertThat(abort)
        .hasMessageStartingWith(
            "PersistentVolumeClaim orders-data belongs to a deleted instance of the same name");
  }

  @Test
  void waitsForServiceOfDeletedInstanceWhenItsDataIsGone() {
    // Given: the data of this instance is not that of the deleted one
    Snapshot snapshot = fresh.with(claim).with(ownedByDeleted(of(DELETED, service)));

    // When
    Abort abort = abort(snapshot);

    // Then: it is not reported as a conflict, because it ends by itself
    assertThat(abort.problem().reason()).isEqualTo(Reason.CREATING);
    assertThat(abort).hasMessageStartingWith("Service orders belongs to a deleted instance");
  }

  @Test
  void reusesServiceOfDeletedInstanceWhenItsDataIsRetained() {
    // Given
    Snapshot snapshot = fresh.with(of(DELETED, claim)).with(ownedByDeleted(of(DELETED, service)));

    // Then
    assertThatCode(() -> Preflight.check(snapshot)).doesNotThrowAnyException();
  }

  @Test
  void doesNotCheckObjectsThatTheOperatorOnlyReads() {
    // Given
    Pod pod = copy(Pods.started(fresh));
    pod.getMetadata().setAnnotations(Map.of());
    Snapshot snapshot = Snapshots.with(fresh.with(claim), pod);

    // Then
    assertThatCode(() -> Preflight.check(snapshot)).doesNotThrowAnyException();
  }

  private static Abort abort(Snapshot snapshot) {
    return catchThrowableOfType(Abort.class, () -> Preflight.check(snapshot));
  }

  private static Snapshot adopting(String identity, Snapshot snapshot) {
    PostgresInstance instance = copy(snapshot.instance());
    instance.getMetadata().setAnnotations(Map.of(Labels.ADOPT, identity));
    return Snapshots.withInstance(snapshot, instance);
  }

  private static <T extends HasMetadata> T of(String identity, T child) {
    T result = copy(child);
    result.getMetadata().getAnnotations().put(Labels.INSTANCE_ID, identity);
    return result;
  }

  private static <T extends HasMetadata> T ownedByDeleted(T child) {
    T result = copy(child);
    result
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion("postgresinstance.dev/v1alpha1")
                    .withKind("PostgresInstance")
                    .withName("orders")
                    .withUid(DELETED)
                    .build()));
    return result;
  }

  private static <T> T copy(T object) {
    return new KubernetesSerialization().clone(object);
  }
}
