package dev.postgresinstance.operator.kubernetes.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.storage.DataClaim;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.SchedulingEvidence;
import dev.postgresinstance.operator.instance.SharedPods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.instance.Surroundings;
import dev.postgresinstance.operator.kubernetes.MockApiServer;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.EventListBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeListBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the reader requests, and what it concludes from the responses of a mock API server. */
class SchedulingEvidenceReaderTest {

  private static final LoginResult PENDING = new LoginResult.Pending();
  private static final Instant NOW = Pods.NOW;
  private static final String FAILURE =
      "Create Pod orders-0 in StatefulSet orders failed error: pods \"orders-0\" is forbidden";

  private static final Map<String, String> NAMES =
      Map.of(
          "StatefulSet", "orders",
          "Pod", "orders-0",
          "PersistentVolumeClaim", "orders-data",
          "Job", "orders-restore");

  @RegisterExtension private final MockApiServer api = new MockApiServer();

  private final Snapshot snapshot =
      Snapshots.with(
          Snapshots.withData(Snapshots.of("{}")),
          new StatefulSetBuilder()
              .withNewMetadata()
              .withName("orders")
              .withNamespace("shop")
              .withUid("u")
              .endMetadata()
              .build());

  @Test
  void readsWhyThereIsNoPodFromTheLatestEventOfTheStatefulSet() {
    // Given
    answer(event("SuccessfulCreate", "00:00:01", "ok"), event("FailedCreate", "00:00:02", FAILURE));

    // When
    SchedulingEvidence evidence = evidence(snapshot, PENDING);

    // Then
    assertThat(evidence.podRefusal()).contains("pods \"orders-0\" is forbidden");
  }

  @Test
  void readsWhyAJobHasNoPod() {
    // Given
    Job job =
        new JobBuilder()
            .withNewMetadata()
            .withName("nightly")
            .withNamespace("shop")
            .withUid("u")
            .endMetadata()
            .build();
    api.server()
        .expect()
        .get()
        .withPath(
            "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.kind%3DJob%2CinvolvedObject.name%3Dnightly%2CinvolvedObject.uid%3Du&limit=50")
        .andReturn(
            200,
            new EventListBuilder()
                .withItems(
                    event(
                        "FailedCreate",
                        "00:00:02",
                        "Error creating: pods \"nightly-1\" is forbidden: exceeded quota"))
                .build())
        .once();

    // When
    SchedulingEvidence evidence = reader().evidence(job, List.of(), NOW);

    // Then
    assertThat(evidence.podRefusal()).contains("pods \"nightly-1\" is forbidden: exceeded quota");
  }

  @Test
  void sendsNoRequestForAJobWhosePodHasJustStarted() {
    // Given
    Pod pod = Pods.started(snapshot);

    // When
    SchedulingEvidence evidence = reader().evidence(new Job(), List.of(pod), NOW);

    // Then
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
    assertThat(api.server().getRequestCount()).isZero();
  }

  @Test
  void ignoresFailureBeforeASuccessfulCreation() {
    // Given
    answer(event("FailedCreate", "00:00:01", FAILURE), event("SuccessfulCreate", "00:00:02", "ok"));

    // When
    SchedulingEvidence evidence = evidence(snapshot, PENDING);

    // Then
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
  }

  @Test
  void ignoresFailureWithoutAMessage() {
    // Given
    answer(event("FailedCreate", "00:00:01", null));

    // When
    SchedulingEvidence evidence = evidence(snapshot, PENDING);

    // Then
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
  }

  @Test
  void readsWhyThereIsNoPodOfRestoreFromItsJob() {
    // Given
    Snapshot restoring =
        snapshot
            .with(
                new StatefulSetBuilder(snapshot.get(ObjectKey.STATEFUL_SET).orElseThrow())
                    .withNewSpec()
                    .withReplicas(0)
                    .endSpec()
                    .build())
            .with(
                new JobBuilder()
                    .withNewMetadata()
                    .withName("orders-restore")
                    .withNamespace("shop")
                    .withUid("u")
                    .endMetadata()
                    .build());
    api.server()
        .expect()
        .get()
        .withPath(path("Job", "u"))
        .andReturn(
            200,
            new EventListBuilder()
                .withItems(event("FailedCreate", "00:00:02", "Error creating: exceeded quota"))
                .build())
        .always();

    // When
    SchedulingEvidence evidence = evidence(restoring, PENDING);

    // Then
    assertThat(evidence.podRefusal()).contains("exceeded quota");
  }

  @Test
  void readsWhyPodOfRestoreDoesNotStart() {
    // Given
    Pod pod =
        new PodBuilder(scheduled(Pods.waiting(snapshot, "ContainerCreating", null)))
            .editMetadata()
            .addToLabels(Labels.JOB_NAME, "orders-restore")
            .endMetadata()
            .build();
    answer(event("FailedMount", "00:00:30", "secret \"s3\" not found"));
    answerNode("True");

    // When
    SchedulingEvidence evidence =
        evidence(
            new Snapshot(
                snapshot.instance(),
                snapshot.objects(),
                snapshot.cluster(),
                new Surroundings(List.of(), List.of(pod), List.of())),
            PENDING);

    // Then
    assertThat(evidence.volume()).contains("secret \"s3\" not found");
  }

  @Test
  void sendsNoRequestForSuspendedInstance() {
    // When
    SchedulingEvidence evidence = evidence(Snapshots.withSpec(snapshot, "suspend: true"), PENDING);

    // Then
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
    assertThat(api.server().getRequestCount()).isZero();
  }

  @Test
  void sendsNoRequestForPodWithoutRoomOnANode() {
    // Given
    Pod pod = Pods.unscheduled(snapshot, "0/1 nodes are available: 1 Insufficient memory.");

    // When
    SchedulingEvidence evidence =
        evidence(Snapshots.with(withPendingClaim(Map.of()), pod), PENDING);

    // Then
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
    assertThat(api.server().getRequestCount()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "pod has unbound immediate PersistentVolumeClaims, ''",
    "0/1 nodes are available: 1 Insufficient memory., node-1"
  })
  void readsWhyAClaimHasNoVolume(String message, String selectedNode) {
    // Given
    Map<String, String> annotations =
        selectedNode.isEmpty()
            ? Map.of()
            : Map.of("volume.kubernetes.io/selected-node", selectedNode);
    answer(
        new EventBuilder(event("ProvisioningFailed", "00:00:30", "no space"))
            .withType("Warning")
            .build());

    // When
    SchedulingEvidence evidence =
        evidence(
            Snapshots.with(withPendingClaim(annotations), Pods.unscheduled(snapshot, message)),
            PENDING);

    // Then
    assertThat(evidence.claim()).contains("no space");
  }

  private Snapshot withPendingClaim(Map<String, String> annotations) {
    return snapshot.with(
        new PersistentVolumeClaimBuilder(DataClaim.desired(Snapshots.of("{}"), Optional.empty()))
            .editMetadata()
            .withUid("u")
            .addToAnnotations(annotations)
            .endMetadata()
            .withNewStatus()
            .withPhase("Pending")
            .endStatus()
            .build());
  }

  @Test
  void readsWhyAVolumeIsNotMountedFromEventsOfThePod() {
    // Given
    Pod pod = scheduled(Pods.waiting(snapshot, "ContainerCreating", null));
    answer(event("FailedMount", "00:00:30", "no such path"));
    answerNode("True");

    // When
    SchedulingEvidence evidence = evidence(Snapshots.with(snapshot, pod), PENDING);

    // Then
    assertThat(evidence.volume()).contains("no such path");
    assertThat(evidence.node()).isEmpty();
  }

  @Test
  void readsNothingAboutVolumesOnceTheyAreMounted() {
    // Given
    Pod pod =
        SharedPods.withCondition(
            scheduled(Pods.waiting(snapshot, "PodInitializing", null)),
            "PodReadyToStartContainers",
            NOW);
    answer(event("FailedMount", "00:00:30", "no such path"));
    answerNode("True");

    // When
    SchedulingEvidence evidence = evidence(Snapshots.with(snapshot, pod), PENDING);

    // Then
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
  }

  @Test
  void reportsSinceWhenANodeIsNotReady() {
    // Given
    Pod pod = scheduled(Pods.started(snapshot));
    answerNode("Unknown");

    // When
    SchedulingEvidence evidence =
        evidence(Snapshots.with(snapshot, pod), new LoginResult.Unreachable("timed out"));

    // Then
    assertThat(evidence.node())
        .contains(
            new SchedulingEvidence.LostNode(
                "n1", Optional.of(Instant.parse("2026-01-01T00:00:10Z")), "stopped"));
  }

  @Test
  void sendsNoRequestForServerThatResponds() {
    // Given
    Pod pod = scheduled(Pods.started(snapshot));

    // When
    SchedulingEvidence evidence =
        evidence(Snapshots.with(snapshot, pod), new LoggedIn("17.6", ServerFindings.NONE));

    // Then
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
    assertThat(api.server().getRequestCount()).isZero();
  }

  @Test
  void returnsNoEvidenceWithoutPermissionAndDoesNotRetryAtOnce() {
    // Given
    api.server().expect().get().withPath(path("StatefulSet", "u")).andReturn(403, "").always();
    SchedulingEvidenceReader reader =
        new SchedulingEvidenceReader(api.client(), new Nodes(api.client()));
    reader.evidence(snapshot, PENDING, NOW);

    // When
    SchedulingEvidence evidence = reader.evidence(snapshot, PENDING, NOW);

    // Then: and a second call sends no request
    assertThat(evidence).isEqualTo(SchedulingEvidence.NONE);
    assertThat(api.server().getRequestCount()).isEqualTo(1);
  }

  @Test
  void retriesAfterATemporaryFailure() {
    // Given
    api.server().expect().get().withPath(path("StatefulSet", "u")).andReturn(503, "").once();
    answer(event("FailedCreate", "00:00:02", FAILURE));
    SchedulingEvidenceReader reader =
        new SchedulingEvidenceReader(api.client(), new Nodes(api.client()));
    reader.evidence(snapshot, PENDING, NOW);

    // When
    SchedulingEvidence evidence = reader.evidence(snapshot, PENDING, NOW);

    // Then
    assertThat(evidence.podRefusal()).contains("pods \"orders-0\" is forbidden");
  }

  private SchedulingEvidence evidence(Snapshot of, LoginResult login) {
    return reader().evidence(of, login, NOW);
  }

  private SchedulingEvidenceReader reader() {
    return new SchedulingEvidenceReader(api.client(), new Nodes(api.client()));
  }

  private static Pod scheduled(Pod pod) {
    return new PodBuilder(pod)
        .withKind("Pod")
        .editMetadata()
        .withUid("u")
        .endMetadata()
        .editSpec()
        .withNodeName("n1")
        .endSpec()
        .editStatus()
        .addNewCondition()
        .withType("PodScheduled")
        .withStatus("True")
        .withLastTransitionTime("2026-01-01T00:00:00Z")
        .endCondition()
        .endStatus()
        .build();
  }

  private void answer(Event... events) {
    for (String kind : NAMES.keySet()) {
      api.server()
          .expect()
          .get()
          .withPath(path(kind, "u"))
          .andReturn(200, new EventListBuilder().withItems(events).build())
          .always();
    }
  }

  private void answerNode(String ready) {
    api.server()
        .expect()
        .get()
        .withPath("/api/v1/nodes?fieldSelector=metadata.name%3Dn1")
        .andReturn(
            200,
            new NodeListBuilder()
                .withItems(
                    new NodeBuilder()
                        .withNewMetadata()
                        .withName("n1")
                        .endMetadata()
                        .withNewStatus()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(ready)
                        .withLastTransitionTime("2026-01-01T00:00:10Z")
                        .withMessage("stopped")
                        .endCondition()
                        .endStatus()
                        .build())
                .build())
        .always();
  }

  private static String path(String kind, String uid) {
    String name = NAMES.get(kind);
    return "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.kind%3D"
        + kind
        + "%2CinvolvedObject.name%3D"
        + name
        + "%2CinvolvedObject.uid%3D"
        + uid
        + "&limit=50";
  }

  private static Event event(String reason, String time, String message) {
    return new EventBuilder()
        .withReason(reason)
        .withMessage(message)
        .withLastTimestamp("2026-01-01T" + time + "Z")
        .build();
  }
}
