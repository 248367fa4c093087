package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.VerificationStatus;
import dev.postgresinstance.operator.feature.backup.job.BackupStories;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.JosdkWithoutOperator;
import dev.postgresinstance.operator.report.StatusBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EngineTest {

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @Test
  void continuesTheBackupsThatHaveNotEndedOrWereVerified() {
    // Given
    Informers informers = new JosdkWithoutOperator(api.client()).informers();
    List<ResourceID> requested = new ArrayList<>();
    EventSource<?, PostgresBackup> requests = informers.backupRequests();
    requests.setEventHandler(event -> requested.add(event.getRelatedCustomResourceID()));
    requests.start();
    Snapshot snapshot =
        Snapshots.with(
            Snapshots.with(BackupStories.instance(), BackupStories.requested()),
            BackupStories.complete("old", "20261101-030000", BackupStories.NOW));
    StatusBuilder status =
        new StatusBuilder(snapshot.instance(), Optional.empty(), BackupStories.NOW);
    PostgresInstanceStatus unverified = status.build();
    status.backup(verified("old"));

    // When
    Engine engine = new Engine(null, informers, null, null, null, null, null);
    engine.continueBackups(snapshot, unverified);

    // Then
    assertThat(requested).containsExactly(new ResourceID("nightly", "shop"));

    // When
    requested.clear();
    engine.continueBackups(snapshot, status.build());

    // Then
    assertThat(requested)
        .containsExactlyInAnyOrder(
            new ResourceID("nightly", "shop"), new ResourceID("old", "shop"));
  }

  private static BackupStatus verified(String backup) {
    VerificationStatus verification =
        new VerificationStatus(
            backup, null, "2026-11-29T05:00:00Z", true, null, null, null, "", null);
    return new BackupStatus(
        Snapshots.UID,
        null,
        null,
        null,
        null,
        null,
        verification,
        verification.time(),
        null,
        null,
        null);
  }
}
