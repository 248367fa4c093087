package dev.postgresinstance.operator.feature.backup.claim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.Child;
import dev.postgresinstance.operator.feature.Child.Fallback;
import dev.postgresinstance.operator.instance.Identity;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Rejection;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;

class BackupClaimTest {

  private static final Snapshot SMALL = of("1Gi");

  @Test
  void claimStaysWhenTheInstanceIsDeleted() {
    // When
    PersistentVolumeClaim claim =
        BackupClaim.child(of("1Gi", "deletionPolicy: Delete")).orElseThrow().desired();

    // Then
    assertThat(claim.getMetadata().getName()).isEqualTo("orders-backup");
    assertThat(claim.getMetadata().getOwnerReferences()).isEmpty();
    assertThat(claim.getMetadata().getAnnotations())
        .containsKey("argocd.argoproj.io/sync-options")
        .containsEntry(Labels.INSTANCE_ID, Identity.of(SMALL));
    assertThat(claim.getSpec().getStorageClassName()).isEqualTo("slow");
  }

  @Test
  void claimOfAFormerInstanceKeepsItsIdentityAndItsClass() {
    // Given
    PersistentVolumeClaim former =
        new PersistentVolumeClaimBuilder(BackupClaim.child(SMALL).orElseThrow().desired())
            .editMetadata()
            .addToAnnotations(Labels.INSTANCE_ID, "former")
            .endMetadata()
            .editSpec()
            .withStorageClassName("fast")
            .endSpec()
            .build();

    // When
    PersistentVolumeClaim claim = BackupClaim.child(SMALL.with(former)).orElseThrow().desired();

    // Then
    assertThat(Identity.of(claim)).contains("former");
    assertThat(claim.getSpec().getStorageClassName()).isEqualTo("fast");
  }

  @Test
  void claimGrowsAndNeverShrinks() {
    // Given
    PersistentVolumeClaim present = BackupClaim.child(SMALL).orElseThrow().desired();

    // Then
    assertThat(size(BackupClaim.child(of("2Gi").with(present)).orElseThrow().desired()))
        .isEqualTo(new Quantity("2Gi"));
    assertThat(size(BackupClaim.child(of("512Mi").with(present)).orElseThrow().desired()))
        .isEqualTo(new Quantity("1Gi"));
  }

  @Test
  void refusedGrowthIsReportedAndTheSizeStays() {
    // Given
    PersistentVolumeClaim present = BackupClaim.child(SMALL).orElseThrow().desired();
    Child<PersistentVolumeClaim> child = BackupClaim.child(of("2Gi").with(present)).orElseThrow();

    // When
    Fallback<PersistentVolumeClaim> fallback =
        child.onRejection().apply(new Rejection(422, "only dynamically provisioned")).orElseThrow();

    // Then
    assertThat(fallback)
        .isInstanceOfSatisfying(
            Fallback.UseInstead.class,
            other -> {
              assertThat(size((PersistentVolumeClaim) other.desired()))
                  .isEqualTo(new Quantity("1Gi"));
              assertThat(other.problem().condition()).isEqualTo(ConditionType.BACKUP_READY);
              assertThat(other.problem().reason()).isEqualTo(Reason.RESIZE_REFUSED);
              assertThat(other.problem().message())
                  .contains("1Gi", "2Gi", "only dynamically provisioned");
              assertThat(other.problem().preventsReady()).isFalse();
            });
  }

  @Test
  void claimThatIsBeingDeletedIsReportedAndLeftAlone() {
    // Given
    PersistentVolumeClaim deleted =
        new PersistentVolumeClaimBuilder(BackupClaim.child(SMALL).orElseThrow().desired())
            .editMetadata()
            .withDeletionTimestamp("2026-11-28T03:00:00Z")
            .endMetadata()
            .build();

    // Then
    assertThat(BackupClaim.child(SMALL.with(deleted))).isEmpty();
    assertThat(BackupClaim.deletion(SMALL.with(deleted)).orElseThrow()).contains("orders-backup");
    assertThat(BackupClaim.deletion(SMALL)).isEmpty();
  }

  @Test
  void archiveInABucketHasNoClaim() {
    Snapshot snapshot = Snapshots.of("backup: {store: {s3: {bucket: b}}}");

    assertThat(BackupClaim.child(snapshot)).isEmpty();
    assertThat(BackupClaim.name(snapshot.instance())).isEmpty();
    assertThat(BackupClaim.archive(snapshot.instance()).s3().bucket()).isEqualTo("b");
  }

  private static Quantity size(PersistentVolumeClaim claim) {
    return claim.getSpec().getResources().getRequests().get("storage");
  }

  private static Snapshot of(String size) {
    return of(size, "");
  }

  private static Snapshot of(String size, String more) {
    return Snapshots.of(
        "backup: {store: {volume: {size: %s, storageClassName: slow}}}\n%s".formatted(size, more));
  }
}
