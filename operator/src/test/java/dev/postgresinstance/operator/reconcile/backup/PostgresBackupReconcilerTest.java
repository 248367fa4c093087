package dev.postgresinstance.operator.reconcile.backup;

import static dev.postgresinstance.operator.feature.backup.job.BackupStories.OPERATOR_IMAGE;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.instance;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.job;
import static dev.postgresinstance.operator.feature.backup.job.BackupStories.requested;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.feature.backup.job.BackupStories;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the reconciler sends to a mock API server. */
class PostgresBackupReconcilerTest {

  private static final String APPLY = "?fieldManager=postgres-instance-operator&force=true";
  private static final String BACKUPS =
      "/apis/postgresinstance.dev/v1alpha1/namespaces/shop/postgresbackups/";
  private static final String STATUS = BACKUPS + "nightly/status" + APPLY;
  private static final String JOBS = "/apis/batch/v1/namespaces/shop/jobs";
  private static final String JOB = JOBS + "/nightly";
  private static final String EVENTS = "/api/v1/namespaces/shop/events";
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  private BackupCluster cluster;

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void createsTheJobAndReportsIt() {
    // Given
    cluster = cluster(BackupCluster.objects(instance(), requested()));
    cluster.answerByName(Job.class, "nightly", Optional.empty());
    answerCreation(201, job());
    answerPatch(STATUS, 200, requested());

    // When
    var control = cluster.reconcile(requested());

    // Then
    List<RecordedRequest> writes = cluster.writes();
    assertThat(writes).extracting(RecordedRequest::getPath).containsExactly(JOBS, STATUS);
    JsonNode created = body(writes.getFirst());
    assertThat(created.at("/metadata/name").asText()).isEqualTo("nightly");
    assertThat(created.at("/metadata/ownerReferences/0/uid").asText()).isEqualTo("uid-of-nightly");
    JsonNode status = body(writes.getLast());
    assertThat(status.at("/metadata/uid").asText()).isEqualTo("uid-of-nightly");
    assertThat(status.at("/metadata/resourceVersion").asText()).isEqualTo("7");
    assertThat(reason(status)).isEqualTo("BackupRunning");
    assertThat(control.getScheduleDelay()).contains(Duration.ofSeconds(15).toMillis());
  }

  @Test
  void reportsThatThereIsNoInstance() {
    // Given
    cluster = cluster(List.of(requested()));
    cluster.answerByName(PostgresInstance.class, "orders", Optional.empty());
    cluster.answerByName(Job.class, "nightly", Optional.empty());
    answerPatch(STATUS, 200, requested());

    // When
    var control = cluster.reconcile(requested());

    // Then
    List<RecordedRequest> writes = cluster.writes();
    assertThat(writes).hasSize(1);
    assertThat(reason(body(writes.getFirst()))).isEqualTo("BackupPending");
    assertThat(control.getScheduleDelay()).contains(Duration.ofSeconds(60).toMillis());
  }

  @Test
  void reportsWhyTheJobIsRejected() {
    // Given
    cluster = cluster(BackupCluster.objects(instance(), requested()));
    cluster.answerByName(Job.class, "nightly", Optional.empty());
    answerCreation(
        403,
        new StatusBuilder()
            .withCode(403)
            .withMessage("jobs.batch \"nightly\" is forbidden: exceeded quota: jobs")
            .build());
    api.server()
        .expect()
        .post()
        .withPath("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
        .andReturn(201, "{\"status\": {\"allowed\": true}}")
        .once();
    answerPatch(STATUS, 200, requested());

    // When
    cluster.reconcile(requested());

    // Then
    JsonNode status = body(cluster.writes().getLast());
    assertThat(reason(status)).isEqualTo("BackupPending");
    assertThat(status.at("/status/conditions/0/message").asText())
        .startsWith("A quota of the namespace is exceeded: ");
  }

  @Test
  void deletesWhatTheRetentionHasDeletedBeforeItReportsTheResult() {
    // Given
    PostgresBackup old = complete("old", "20261101-030000");
    PostgresBackup recent = complete("recent", "20261127-030000");
    cluster =
        cluster(
            BackupCluster.objects(
                instance(),
                requested(),
                old,
                recent,
                managed(BackupStories.ended("Complete")),
                managed(BackupStories.succeeded(BackupStories.result("20261128-030000")))));
    cluster.answerByName(PostgresInstance.class, "orders", Optional.empty());
    api.server().expect().delete().withPath(BACKUPS + "old").andReturn(200, "{}").once();
    answerPatch(STATUS, 200, requested());
    answerEvent();

    // When
    var control = cluster.reconcile(requested());

    // Then
    List<RecordedRequest> writes = cluster.writes();
    assertThat(writes)
        .extracting(request -> request.getMethod() + " " + request.getPath())
        .containsExactly("DELETE " + BACKUPS + "old", "PATCH " + STATUS, "POST " + EVENTS);
    JsonNode conditions = body(writes.getFirst()).at("/preconditions");
    assertThat(conditions.at("/uid").asText()).isEqualTo("uid-of-old");
    assertThat(conditions.at("/resourceVersion").asText()).isEqualTo("7");
    assertThat(reason(body(writes.get(1)))).isEqualTo("BackupCompleted");
    JsonNode event = body(writes.getLast());
    assertThat(event.at("/reason").asText()).isEqualTo("BackupCompleted");
    assertThat(event.at("/type").asText()).isEqualTo("Normal");
    assertThat(event.at("/involvedObject/kind").asText()).isEqualTo("PostgresBackup");
    assertThat(control.getScheduleDelay()).isEmpty();
  }

  @Test
  void deletesAJobThatWouldNeverEnd() {
    // Given
    Pod stuck =
        BackupStories.pod(
            "nightly-1",
            "Running",
            "{name: postgres, state: {running: {}}}",
            BackupStories.ended("upload", 137, "OOMKilled", ""));
    cluster =
        cluster(BackupCluster.objects(instance(), requested(), managed(job()), managed(stuck)));
    cluster.answerByName(PostgresInstance.class, "orders", Optional.empty());
    api.server().expect().delete().withPath(JOB).andReturn(200, "{}").once();
    answerPatch(STATUS, 200, requested());
    answerEvent();

    // When
    cluster.reconcile(requested());

    // Then
    List<RecordedRequest> writes = cluster.writes();
    assertThat(writes)
        .extracting(request -> request.getMethod() + " " + request.getPath())
        .containsExactly("DELETE " + JOB, "PATCH " + STATUS, "POST " + EVENTS);
    assertThat(body(writes.getLast()).at("/type").asText()).isEqualTo("Warning");
  }

  @Test
  void writesNothingForAFinalBackup() {
    // Given
    cluster = cluster(List.of());

    // When
    cluster.reconcile(complete("old", "20261101-030000"));

    // Then
    assertThat(cluster.writes()).isEmpty();
  }

  @Test
  void writesAStatusOnlyOnce() {
    // Given
    cluster = cluster(List.of(requested()));
    cluster.answerByName(PostgresInstance.class, "orders", Optional.empty());
    cluster.answerByName(Job.class, "nightly", Optional.empty());
    PostgresBackup reported = requested();
    answerPatch(STATUS, 200, reported);
    cluster.reconcile(reported);
    reported.setStatus(
        JSON.convertValue(body(cluster.writes().getFirst()), PostgresBackup.class).getStatus());

    // When
    cluster.reconcile(reported);

    // Then
    assertThat(reported.getStatus()).isNotNull();
    assertThat(cluster.writes()).isEmpty();
  }

  @Test
  void triesAgainWhenTheBackupHasChanged() {
    // Given
    cluster = cluster(List.of(requested()));
    cluster.answerByName(PostgresInstance.class, "orders", Optional.empty());
    cluster.answerByName(Job.class, "nightly", Optional.empty());
    cluster.answerByName(PostgresBackup.class, "nightly", Optional.of(requested()));
    answerPatch(STATUS, 409, new StatusBuilder().withCode(409).withMessage("changed").build());

    // Then
    assertThatThrownBy(() -> cluster.reconcile(requested()))
        .isInstanceOf(KubernetesClientException.class);
  }

  @Test
  void reportsASpecThatItCannotRead() {
    // Given
    PostgresBackup unreadable = requested();
    unreadable.setSpec(null);
    cluster = cluster(List.of());
    answerPatch(STATUS, 200, requested());

    // When
    cluster.reconcile(unreadable);

    // Then
    JsonNode status = body(cluster.writes().getFirst());
    assertThat(reason(status)).isEqualTo("BackupPending");
    assertThat(status.at("/status/conditions/0/message").asText())
        .startsWith("This version of the operator cannot read spec.instanceRef.name.");
  }

  private BackupCluster cluster(List<HasMetadata> objects) {
    return new BackupCluster(api, Optional.of(OPERATOR_IMAGE), objects);
  }

  private static PostgresBackup complete(String name, String archiveName) {
    return BackupStories.complete(name, archiveName, Instant.parse("2026-11-01T03:00:00Z"));
  }

  /** The object with a version, as the API server returns it. */
  private static <T extends HasMetadata> T managed(T object) {
    object.getMetadata().setResourceVersion("9");
    object.getMetadata().setUid("uid-of-" + object.getMetadata().getName());
    return object;
  }

  private void answerCreation(int code, Object body) {
    api.server().expect().post().withPath(JOBS).andReturn(code, body).once();
  }

  private void answerPatch(String path, int code, Object body) {
    api.server().expect().patch().withPath(path).andReturn(code, body).once();
  }

  private void answerEvent() {
    api.server()
        .expect()
        .post()
        .withPath(EVENTS)
        .andReturn(
            201, new EventBuilder().withNewMetadata().withName("nightly.1").endMetadata().build())
        .once();
  }

  private static JsonNode body(RecordedRequest request) {
    return JSON.unmarshal(request.getUtf8Body(), JsonNode.class);
  }

  private static String reason(JsonNode backup) {
    return backup.at("/status/conditions/0/reason").asText();
  }
}
