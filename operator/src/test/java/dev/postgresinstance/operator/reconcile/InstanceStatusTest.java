package dev.postgresinstance.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BindingStatus;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.access.AppSecret;
import dev.postgresinstance.operator.feature.access.Credentials;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Observation;
import dev.postgresinstance.operator.report.Problem;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.ServerFindings;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InstanceStatusTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", ServerFindings.NONE);
  private static final LoginResult PENDING = new Pending();
  private static final LoginResult UNREACHABLE = new Unreachable("Connection refused");
  private static final LoginResult REFUSED =
      new LoginRejected(
          "28P01", "FATAL: password authentication failed for user \"app\"", ServerFindings.NONE);
  private static final LoginResult NOT_YET =
      new LoginRejected("57P03", "FATAL: the database system is starting up", ServerFindings.NONE);

  private static final ServerFindings LOCKED_OUT = ServerFindings.NONE.lockedOut("FATAL: no");

  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot served = Snapshots.withData(Snapshots.withNodePort(fresh, 30432));

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "RESTART_REQUIRED",
        "UNSAFE_PARAMETERS",
        "VOLUME_READY",
        "RESIZE_REFUSED",
        "NEARLY_FULL",
        "GRANTED",
        "PROVEN",
        "DATA_RECORDED",
        "SUPERUSERS_FOUND"
      })
  void everyReasonOfReadyIsSaid(Reason reason) {
    // Given
    Observation observation = observation(reason);

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    Condition ready = ready(status);
    assertThat(ready.getType()).isEqualTo("Ready");
    assertThat(ready.getReason()).isEqualTo(reason.word());
    boolean good = Set.of(Reason.RUNNING, Reason.SUSPENDED, Reason.PAUSED).contains(reason);
    assertThat(ready.getStatus()).isEqualTo(good ? "True" : "False");
    assertThat(ready.getMessage()).isNotBlank();
    assertThat(isReady(status)).isEqualTo(good);
  }

  /** Without a default: who adds a reason says here when it is given. */
  private Observation observation(Reason reason) {
    return switch (reason) {
      case RUNNING, GRANTED, PROVEN, DATA_RECORDED, SUPERUSERS_FOUND ->
          seen(pod(Pods.started(served)), LOGGED_IN);
      case SUSPENDED -> seen(Snapshots.changed(served, "suspend: true"), PENDING);
      case PAUSED -> seen(Snapshots.changed(pod(Pods.started(served)), "paused: true"), LOGGED_IN);
      case CREATING -> seen(served, PENDING);
      case STARTING -> seen(pod(Pods.starting(served)), PENDING);
      case UNSCHEDULABLE -> seen(pod(Pods.unscheduled(served, "0/1 nodes are available")), PENDING);
      case CLAIM_PENDING ->
          seen(pod(Pods.unscheduled(served, "unbound PersistentVolumeClaims")), PENDING);
      case IMAGE_UNAVAILABLE ->
          seen(pod(Pods.waiting(served, "ErrImagePull", "not found")), PENDING);
      case CRASHING -> seen(pod(Pods.ended(served, Pods.terminated(1, "Error", ""))), PENDING);
      case OUT_OF_MEMORY ->
          seen(pod(Pods.ended(served, Pods.terminated(137, "OOMKilled", ""))), PENDING);
      case RECOVERING ->
          seen(
              pod(Pods.started(served)),
              new LoginRejected(
                  "57P03", "the database system is in recovery mode", ServerFindings.NONE));
      case LOGIN_REFUSED -> seen(pod(Pods.started(served)), REFUSED);
      case OPERATOR_CANNOT_CONNECT -> seen(pod(Pods.started(served)), UNREACHABLE);
      case DATABASE_MISSING -> seen(pod(Pods.started(served)), refused("3D000"));
      case TOO_MANY_CONNECTIONS -> seen(pod(Pods.started(served)), refused("53300"));
      case OPERATOR_LOCKED_OUT -> seen(pod(Pods.started(served)), new LoggedIn("17.6", LOCKED_OUT));
      case IMAGE_DOES_NOT_FIT,
          INITIALIZATION_FAILED,
          DATA_MISSING,
          DATA_CORRUPT,
          VOLUME_OF_ANOTHER_INSTANCE,
          VOLUME_LOCKED ->
          seen(
              pod(
                  Pods.backingOff(
                      served, Pods.terminated(1, "Error", reason.word() + ": because"))),
              PENDING);
      case CONFIGURING,
          IMAGE_REFUSED,
          PASSWORD_SECRET_INVALID,
          COLLATION_VERSION_MISMATCH,
          PARAMETER_REFUSED,
          SPEC_DOES_NOT_MATCH_DATA,
          CLAIM_TERMINATING,
          CONFLICT,
          SUPERUSER_REFUSED,
          NODE_PORT_UNAVAILABLE,
          LOAD_BALANCER_PENDING,
          API_ERROR,
          INTERNAL_ERROR,
          SPEC_NOT_UNDERSTOOD,
          MISSING_RIGHT,
          QUOTA_EXCEEDED,
          POD_REFUSED,
          POD_TERMINATING,
          NODE_LOST,
          VOLUME_UNAVAILABLE,
          RESTART_REQUIRED,
          UNSAFE_PARAMETERS,
          VOLUME_READY,
          RESIZING,
          RESIZE_REFUSED,
          NEARLY_FULL,
          DISK_FULL ->
          new Observation(
              pod(Pods.started(served)),
              LOGGED_IN,
              List.of(new Problem(reason, "because")),
              List.of());
    };
  }

  @Test
  void ofAnInstanceThatCannotBeReadWhatWasKnownIsKept() {
    // Given
    Snapshot snapshot = pod(Pods.started(served));
    PostgresInstanceStatus before = statusOf(seen(snapshot, LOGGED_IN), NOW);
    PostgresInstance instance = snapshot.instance();
    instance.setStatus(before);

    // When
    PostgresInstanceStatus status =
        InstanceStatus.unread(instance, new Problem(Reason.MISSING_RIGHT, "because"), LATER);

    // Then
    assertThat(status.conditions())
        .extracting(c -> c.getType() + " " + c.getStatus() + " " + c.getReason())
        .startsWith("Ready False MissingRight")
        .contains("Reconciling True MissingRight")
        .contains("Available True Running", "CredentialsInSync True Proven")
        .doesNotHaveDuplicates();
    assertThat(status.endpoints()).isEqualTo(before.endpoints());
    assertThat(status.storage()).isEqualTo(before.storage());
  }

  @Test
  void oneThatIsBeingSuspendedIsNotReadyWhateverElseIsToBeSaid() {
    // Given
    Snapshot snapshot = Snapshots.changed(pod(Pods.started(served)), "suspend: true");
    Problem atRisk =
        new Problem(ConditionType.DATA_AT_RISK, Reason.UNSAFE_PARAMETERS, "fsync is off");

    // When
    PostgresInstanceStatus status =
        statusOf(new Observation(snapshot, LOGGED_IN, List.of(atRisk), List.of()), NOW);

    // Then
    assertThat(ready(status).getStatus()).isEqualTo("False");
    assertThat(ready(status).getReason()).isEqualTo("Suspended");
  }

  @ParameterizedTest
  @CsvSource({"2026-01-01T00:00:00Z, True", "2025-12-31T23:59:59Z, False"})
  void whatWasProvenOfTheContainerThatRunsHoldsAndOfAnotherDoesNot(
      String availableSince, String expected) {
    // Given: it runs since midnight, and another password is to be tried
    Snapshot snapshot = pod(Pods.starting(served));
    PostgresInstance instance = snapshot.instance();
    instance.setStatus(
        statusOf(seen(pod(Pods.started(served)), LOGGED_IN), Instant.parse(availableSince)));

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), NOW);

    // Then
    assertThat(conditions(status)).anyMatch(c -> c.startsWith("Available " + expected));
  }

  @Test
  void suspendedIsReadyAndNotAvailable() {
    // When
    PostgresInstanceStatus status =
        statusOf(seen(Snapshots.changed(served, "suspend: true"), PENDING), NOW);

    // Then
    assertThat(conditions(status))
        .containsExactly("Ready True Suspended", "Available False Suspended");
  }

  @Test
  void notBeforeThePodHasEnded() {
    // Given
    Snapshot running = pod(Pods.started(served));
    Snapshot stopping = pod(Pods.dying(Pods.started(served)));

    // When
    List<PostgresInstanceStatus> statuses =
        Stream.of(running, stopping)
            .map(snapshot -> seen(Snapshots.changed(snapshot, "suspend: true"), LOGGED_IN))
            .map(observation -> statusOf(observation, NOW))
            .toList();

    // Then
    assertThat(statuses)
        .allSatisfy(
            status ->
                assertThat(conditions(status))
                    .containsExactly(
                        "Ready False Suspended",
                        "Available False Suspended",
                        "Reconciling True Suspended"));
  }

  @Test
  void serverThatMayNotBeStoppedIsAvailableAlthoughItIsToBeSuspended() {
    // Given
    Observation observation =
        new Observation(
            Snapshots.changed(pod(Pods.started(served)), "suspend: true"),
            LOGGED_IN,
            List.of(new Problem(Reason.CLAIM_TERMINATING, "because")),
            List.of());

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    assertThat(conditions(status))
        .containsExactly(
            "Ready False ClaimTerminating",
            "Available True Running",
            "Stalled True ClaimTerminating");
  }

  @Test
  void pausedIsSaidAndSoIsWhatIsObserved() {
    // Given
    Snapshot snapshot =
        Snapshots.changed(
            pod(Pods.ended(served, Pods.terminated(1, "Error", ""))), "{paused: true}");

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), NOW);

    // Then
    assertThat(conditions(status))
        .containsExactly("Ready False Paused", "Available False Crashing");
    assertThat(ready(status).getMessage()).contains("spec.paused", "exit code 1");
  }

  @Test
  void pausedBeforeItWasStoppedItRuns() {
    // Given
    Snapshot snapshot =
        Snapshots.changed(pod(Pods.started(served)), "{paused: true, suspend: true}");

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, LOGGED_IN), NOW);

    // Then
    assertThat(conditions(status)).containsExactly("Ready True Paused", "Available True Running");
  }

  private static List<String> conditions(PostgresInstanceStatus status) {
    Set<String> shown = Set.of("Ready", "Available", "Stalled", "Reconciling");
    return status.conditions().stream()
        .filter(c -> shown.contains(c.getType()))
        .map(c -> "%s %s %s".formatted(c.getType(), c.getStatus(), c.getReason()))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"2026-01-02T03:04:00Z, Starting", "2026-01-02T03:03:54Z, OperatorCannotConnect"})
  void aServiceTakesAMomentToLeadToAPodThatHasBecomeReady(String since, String reason) {
    // Given
    Pod ready =
        new PodBuilder(Pods.started(served))
            .editStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .withLastTransitionTime(since)
            .endCondition()
            .endStatus()
            .build();

    // When
    PostgresInstanceStatus status = statusOf(seen(pod(ready), UNREACHABLE), NOW);

    // Then
    assertThat(ready(status).getReason()).isEqualTo(reason);
  }

  @Test
  void ofAServedInstanceEverythingIsSaid() {
    // Given
    Snapshot snapshot =
        Snapshots.withNodes(
            served.with(
                AppSecret.desired(
                    served, new Credentials("p", true, "o", "s"), Optional.empty(), Pods.NOW)),
            "172.18.0.2");

    // When
    PostgresInstanceStatus status =
        statusOf(seen(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN), NOW);

    // Then
    assertThat(status.observedGeneration()).isEqualTo(1);
    assertThat(status.endpoints().address()).isEqualTo("172.18.0.2:30432");
    assertThat(status.binding()).isEqualTo(new BindingStatus("orders-app"));
    assertThat(status.version()).isEqualTo("17.6");
    assertThat(status.systemIdentifier()).isEqualTo("7300000000000000001");
    assertThat(condition(status, ConditionType.INITIALIZED).orElseThrow().getMessage())
        .isEqualTo(
            "The data of PostgreSQL 17 with the system identifier"
                + " 7300000000000000001 is recorded.");
    assertThat(ready(status).getMessage())
        .isEqualTo("A login as app to database app through Service orders succeeded.");
    assertThat(ready(status).getObservedGeneration()).isEqualTo(1);
    assertThat(ready(status).getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void whatIsNotKnownIsNotSaid() {
    // When
    PostgresInstanceStatus status = statusOf(seen(fresh, PENDING), NOW);

    // Then
    assertThat(status.endpoints()).isNull();
    assertThat(status.binding()).isNull();
    assertThat(status.version()).isNull();
  }

  @Test
  void loginIsNotReadyBeforeTheDataIsRecorded() {
    // Given
    Snapshot snapshot = Snapshots.withNodePort(fresh, 30432);

    // When
    PostgresInstanceStatus status =
        statusOf(seen(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN), NOW);

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Starting");
    assertThat(ready(status).getMessage())
        .isEqualTo("The server accepts logins; its data is not recorded yet.");
  }

  @Test
  void serverThatStartsIsNoRefusal() {
    // When
    PostgresInstanceStatus status =
        statusOf(seen(pod(Pods.starting(served)), NOT_YET), Pods.STARTED.plusSeconds(4));

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Starting");
    assertThat(ready(status).getMessage()).isEqualTo("The server is starting.");
  }

  @ParameterizedTest
  @CsvSource({"2, Starting", "4, Creating"})
  void newStatefulSetHasItsPodSoon(long seconds, String reason) {
    // Given
    StatefulSet made =
        new StatefulSetBuilder()
            .withNewMetadata()
            .withName(served.instance().getMetadata().getName())
            .withCreationTimestamp(NOW.minusSeconds(seconds).toString())
            .endMetadata()
            .build();

    // When
    PostgresInstanceStatus status = statusOf(seen(served.with(made), PENDING), NOW);

    // Then
    assertThat(ready(status).getReason()).isEqualTo(reason);
  }

  @Test
  void serverThatStartsForLongerRecovers() {
    // When
    PostgresInstanceStatus status =
        statusOf(seen(pod(Pods.starting(served)), NOT_YET), Pods.STARTED.plusSeconds(125));

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Recovering");
    assertThat(ready(status).getMessage())
        .contains("since 2026-01-01T00:00:00Z", "for 2 minutes", "the database system is starting");
  }

  @Test
  void refusalNamesTheSecretAndTheServersWords() {
    // When
    PostgresInstanceStatus status = statusOf(seen(pod(Pods.started(served)), REFUSED), NOW);

    // Then
    assertThat(ready(status).getMessage())
        .isEqualTo(
            "The server rejects the password of Secret orders-app: FATAL: password authentication"
                + " failed for user \"app\" (SQLSTATE 28P01). The operator is about to set it.");
  }

  @Test
  void noAnswerOfAServerThatHasNotStartedIsNoFailure() {
    // When
    PostgresInstanceStatus status = statusOf(seen(pod(Pods.starting(served)), UNREACHABLE), NOW);

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Starting");
  }

  @Test
  void podThatStopsIsSaidWhateverTheLastLoginWas() {
    // When
    PostgresInstanceStatus status =
        statusOf(seen(pod(Pods.dying(Pods.started(served))), LOGGED_IN), NOW);

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Starting");
    assertThat(ready(status).getMessage())
        .isEqualTo("The pod is being stopped; a new one follows.");
  }

  @Test
  void whatKeptThePassIsSaidBeforeWhatThePodSays() {
    // Given
    Observation observation =
        new Observation(
            pod(Pods.waiting(served, "ErrImagePull", "not found")),
            PENDING,
            List.of(new Problem(Reason.CONFLICT, "not ours")),
            List.of());

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Conflict");
    assertThat(ready(status).getMessage()).isEqualTo("not ours");
  }

  @Test
  void whatIsNotAsAskedForLeavesAWorkingServerAvailable() {
    // Given
    Observation observation =
        new Observation(
            pod(Pods.started(served)),
            LOGGED_IN,
            List.of(new Problem(Reason.CONFLICT, "not ours")),
            List.of());

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    assertThat(isReady(status)).isFalse();
    assertThat(condition(status, ConditionType.AVAILABLE))
        .hasValueSatisfying(available -> assertThat(available.getStatus()).isEqualTo("True"));
  }

  @Test
  void aGrantedPortIsExternalAccess() {
    // Given
    Snapshot snapshot = Snapshots.withNodes(pod(Pods.started(served)), "10.0.0.1");

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, LOGGED_IN), NOW);

    // Then
    Condition external = externalAccess(status).orElseThrow();
    assertThat(external.getStatus()).isEqualTo("True");
    assertThat(external.getReason()).isEqualTo("Granted");
    assertThat(external.getMessage()).contains("10.0.0.1:30432");
  }

  @Test
  void aPortThatCannotBeHadIsMissingExternalAccessOfAnAvailableServer() {
    // Given
    Problem problem =
        new Problem(ConditionType.EXTERNAL_ACCESS_READY, Reason.NODE_PORT_UNAVAILABLE, "because");
    Observation observation =
        new Observation(pod(Pods.started(served)), LOGGED_IN, List.of(problem), List.of());

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    Condition external = externalAccess(status).orElseThrow();
    assertThat(external.getStatus()).isEqualTo("False");
    assertThat(external.getReason()).isEqualTo("NodePortUnavailable");
    assertThat(external.getMessage()).isEqualTo("because");
    assertThat(ready(status).getReason()).isEqualTo("NodePortUnavailable");
    assertThat(isTrue(status, ConditionType.AVAILABLE)).isTrue();
  }

  @Test
  void aLoadBalancerWithoutAddressIsPendingOnceTheServerRuns() {
    // Given
    Snapshot snapshot =
        Snapshots.withData(
            Snapshots.withNodePort(Snapshots.of("service: {type: LoadBalancer}"), 30432));

    // When
    PostgresInstanceStatus starting =
        statusOf(seen(Snapshots.with(snapshot, Pods.starting(snapshot)), PENDING), NOW);
    PostgresInstanceStatus started =
        statusOf(seen(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN), NOW);

    // Then
    assertThat(ready(starting).getReason()).isEqualTo("Starting");
    assertThat(ready(started).getReason()).isEqualTo("LoadBalancerPending");
    assertThat(externalAccess(started).orElseThrow().getReason()).isEqualTo("LoadBalancerPending");
    assertThat(isTrue(started, ConditionType.AVAILABLE)).isTrue();
  }

  @Test
  void ofAClusterIpNothingIsSaidAboutExternalAccess() {
    // Given
    Snapshot snapshot = Snapshots.of("service: {type: ClusterIP}");

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), NOW);

    // Then
    assertThat(externalAccess(status)).isEmpty();
  }

  @Test
  void whileThereIsNoServiceExternalAccessIsBeingMade() {
    // When
    PostgresInstanceStatus status = statusOf(seen(fresh, PENDING), NOW);

    // Then
    assertThat(externalAccess(status).orElseThrow().getReason()).isEqualTo("Creating");
  }

  private static Optional<Condition> externalAccess(PostgresInstanceStatus status) {
    return status.condition(ConditionType.EXTERNAL_ACCESS_READY);
  }

  @ParameterizedTest
  @EnumSource
  void stalledIsSaidWhereAPersonIsNeeded(Reason reason) {
    // Given
    Observation observation = observation(reason);

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    assertThat(condition(status, ConditionType.STALLED).map(Condition::getReason))
        .isEqualTo(reason.needsPerson() ? Optional.of(reason.word()) : Optional.empty());
  }

  @ParameterizedTest
  @EnumSource(names = {"PENDING_RESTART", "DATA_AT_RISK"})
  void whatKeepsNothingFromWorkingHasItsOwnConditionOnly(ConditionType type) {
    // Given
    Observation observation =
        new Observation(
            pod(Pods.started(served)),
            LOGGED_IN,
            List.of(new Problem(type, Reason.RESTART_REQUIRED, "because")),
            List.of());

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    assertThat(isReady(status)).isTrue();
    assertThat(condition(status, type))
        .hasValueSatisfying(
            condition -> {
              assertThat(condition.getStatus()).isEqualTo("True");
              assertThat(condition.getMessage()).isEqualTo("because");
            });
  }

  @Test
  void notesFollowTheMessageAndKeepItReady() {
    // Given
    Observation observation =
        new Observation(pod(Pods.started(served)), LOGGED_IN, List.of(), List.of("One.", "Two."));

    // When
    PostgresInstanceStatus status = statusOf(observation, NOW);

    // Then
    assertThat(isReady(status)).isTrue();
    assertThat(ready(status).getMessage()).endsWith("succeeded. One. Two.");
  }

  @Test
  void transitionTimeStaysWhileTheStatusStays() {
    // Given
    Snapshot snapshot = after(served, seen(served, PENDING));

    // When: another reason, still False
    PostgresInstanceStatus status =
        statusOf(seen(Snapshots.with(snapshot, Pods.starting(snapshot)), PENDING), LATER);

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Starting");
    assertThat(ready(status).getLastTransitionTime()).isEqualTo("2026-01-02T03:04:05Z");
  }

  @Test
  void transitionTimeChangesWithTheStatus() {
    // Given
    Snapshot snapshot = after(served, seen(served, PENDING));

    // When
    PostgresInstanceStatus status =
        statusOf(seen(Snapshots.with(snapshot, Pods.started(snapshot)), LOGGED_IN), LATER);

    // Then
    assertThat(ready(status).getLastTransitionTime()).isEqualTo("2026-01-02T03:05:05Z");
  }

  @Test
  void quietInstanceHasTheSameStatusAgain() {
    // Given
    Observation running = seen(pod(Pods.started(served)), LOGGED_IN);
    Snapshot snapshot = after(running.snapshot(), running);

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, LOGGED_IN), LATER);

    // Then: so nothing is written
    assertThat(status).isEqualTo(snapshot.instance().getStatus());
  }

  @Test
  void newProcessOfTheOperatorKeepsReadyUntilItHasLoggedIn() {
    // Given
    Observation running = seen(pod(Pods.started(served)), LOGGED_IN);
    Snapshot snapshot = after(running.snapshot(), running);

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), LATER);

    // Then
    assertThat(status).isEqualTo(snapshot.instance().getStatus());
  }

  @Test
  void newSpecIsNotReadyUntilALoginProvedIt() {
    // Given
    Observation running = seen(pod(Pods.started(served)), LOGGED_IN);
    Snapshot snapshot = after(running.snapshot(), running);
    snapshot.instance().getMetadata().setGeneration(2L);

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), LATER);

    // Then
    assertThat(ready(status).getStatus()).isEqualTo("False");
    assertThat(ready(status).getReason()).isEqualTo("Configuring");
    assertThat(ready(status).getObservedGeneration()).isEqualTo(2);
    assertThat(isTrue(status, ConditionType.AVAILABLE)).isTrue();
  }

  @Test
  void whatWasNotReadyDoesNotBecomeItByWaiting() {
    // Given
    Observation refused = seen(pod(Pods.started(served)), REFUSED);
    Snapshot snapshot = after(refused.snapshot(), refused);

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), LATER);

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Starting");
  }

  @Test
  void whatKeptAWorkingServerFromReadyIsNotOverBeforeALoginTells() {
    // Given
    Snapshot started = pod(Pods.started(served));
    Problem problem = new Problem(Reason.CONFIGURING, "It is about to be loaded.");
    Snapshot snapshot =
        after(started, new Observation(started, LOGGED_IN, List.of(problem), List.of()));

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), LATER);

    // Then
    assertThat(ready(status).getStatus()).isEqualTo("False");
    assertThat(ready(status).getReason()).isEqualTo("Configuring");
    assertThat(condition(status, ConditionType.AVAILABLE).orElseThrow().getStatus())
        .isEqualTo("True");
  }

  @Test
  void versionIsTheLastThatWasSeen() {
    // Given
    Observation running = seen(pod(Pods.started(served)), LOGGED_IN);
    Snapshot snapshot = after(running.snapshot(), running);

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, UNREACHABLE), LATER);

    // Then
    assertThat(status.version()).isEqualTo("17.6");
  }

  @Test
  void statusWithoutConditionsIsAsNone() {
    // Given: someone else wrote it
    PostgresInstance instance = new KubernetesSerialization().clone(served.instance());
    instance.setStatus(
        new PostgresInstanceStatus(1L, null, null, null, null, null, null, null, null));
    Snapshot snapshot = Snapshots.withInstance(served, instance);

    // When
    PostgresInstanceStatus status =
        statusOf(seen(Snapshots.with(snapshot, Pods.started(snapshot)), PENDING), NOW);

    // Then
    assertThat(ready(status).getReason()).isEqualTo("Starting");
  }

  @Test
  void foreignConditionsDoNotCount() {
    // Given
    Observation running = seen(pod(Pods.started(served)), LOGGED_IN);
    Snapshot snapshot = after(running.snapshot(), running);
    PostgresInstanceStatus written = snapshot.instance().getStatus();
    Condition foreign =
        new ConditionBuilder(ready(written)).withType("Foreign").withStatus("False").build();
    snapshot
        .instance()
        .setStatus(
            new PostgresInstanceStatus(
                1L,
                Stream.concat(Stream.of(foreign), written.conditions().stream()).toList(),
                written.endpoints(),
                written.binding(),
                written.storage(),
                written.systemIdentifier(),
                written.version(),
                written.imageID(),
                written.passwordRotation()));

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, PENDING), LATER);

    // Then
    assertThat(ready(status)).isEqualTo(ready(written));
  }

  @ParameterizedTest
  @CsvSource({
    "28P01, False LoginRefused",
    "3D000, True Proven",
    "42501, True Proven",
    "55000, True Proven",
    "53300, Unknown TooManyConnections",
    "28000, True Proven",
    "57P03, Unknown Recovering"
  })
  void credentialsAreInSyncWhateverElseKeepsTheRoleOut(String sqlState, String expected) {
    // When
    PostgresInstanceStatus status =
        statusOf(seen(pod(Pods.started(served)), refused(sqlState)), NOW);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo(expected);
  }

  @Test
  void whatIsRefusedBeforeThePasswordIsLookedAtChangesNothing() {
    // Given
    Observation running = seen(pod(Pods.started(served)), LOGGED_IN);
    Snapshot snapshot = after(running.snapshot(), running);

    // When
    PostgresInstanceStatus status = statusOf(seen(snapshot, refused("53300")), LATER);

    // Then
    assertThat(credentialsInSync(status)).isEqualTo("True Proven");
  }

  private static String credentialsInSync(PostgresInstanceStatus status) {
    return status.conditions().stream()
        .filter(c -> c.getType().equals("CredentialsInSync"))
        .map(c -> c.getStatus() + " " + c.getReason())
        .findFirst()
        .orElseThrow();
  }

  private static LoginRejected refused(String sqlState) {
    return new LoginRejected(sqlState, "FATAL: words", ServerFindings.NONE);
  }

  private Snapshot pod(Pod pod) {
    return Snapshots.with(served, pod);
  }

  private static Observation seen(Snapshot snapshot, LoginResult login) {
    return new Observation(snapshot, login, List.of(), List.of());
  }

  /** That world after the status of that observation was written. */
  private static Snapshot after(Snapshot snapshot, Observation observation) {
    PostgresInstance instance = new KubernetesSerialization().clone(snapshot.instance());
    instance.setStatus(statusOf(observation, NOW));
    return Snapshots.withInstance(snapshot, instance);
  }

  private static Condition ready(PostgresInstanceStatus status) {
    return condition(status, ConditionType.READY).orElseThrow();
  }

  private static Optional<Condition> condition(PostgresInstanceStatus status, ConditionType type) {
    return status.condition(type);
  }

  private static PostgresInstanceStatus statusOf(Observation observation, Instant now) {
    return Statuses.of(observation, now);
  }

  private static boolean isReady(PostgresInstanceStatus status) {
    return isTrue(status, ConditionType.READY);
  }

  private static boolean isTrue(PostgresInstanceStatus status, ConditionType type) {
    return status
        .condition(type)
        .filter(condition -> "True".equals(condition.getStatus()))
        .isPresent();
  }
}
