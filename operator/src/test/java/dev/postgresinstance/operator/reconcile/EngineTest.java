package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.operator.feature.backup.job.BackupStories;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import dev.postgresinstance.operator.kubernetes.cache.Informers;
import dev.postgresinstance.operator.kubernetes.cache.JosdkWithoutOperator;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EngineTest {

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  @Test
  void continuesTheBackupsThatHaveNotEnded() {
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

    // When
    new Engine(null, informers, null, null, null, null).continueBackups(snapshot);

    // Then
    assertThat(requested).containsExactly(new ResourceID("nightly", "shop"));
  }
}
