package dev.postgresinstance.operator.feature.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.configuration.ServerSettings.Login;
import dev.postgresinstance.operator.feature.configuration.ServerSettings.RejectedParameter;
import dev.postgresinstance.operator.feature.server.ServerConfigMap;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.Pods;
import dev.postgresinstance.operator.instance.RememberedRefusal;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each test continues the history of an instance: the user changes the spec, the server reports.
 */
class ConfigurationPlanTest {

  private static final String REQUESTED = "parameters: {max_connections: '200', work_mem: 8MB}";

  private static final String NO_LIBRARY =
      "FATAL: could not access file \"pg_hint_plan\": No such file or directory";

  private final Snapshot fresh = Snapshots.of("{}");
  private final Snapshot served = applied(fresh, Optional.empty());
  private final String first = hash("{}");
  private final Snapshot changed =
      applied(Snapshots.withSpec(served, REQUESTED), reported(first, first));
  private final String second = hash(REQUESTED);

  @Test
  void triesFirstConfigurationAndFallsBackToOneWithoutParameters() {
    // When
    ConfigurationPlan plan = plan(Snapshots.of(REQUESTED), Optional.empty());

    // Then
    assertThat(plan.expected()).isEqualTo(second);
    assertThat(plan.working().hash()).isEqualTo(first);
    assertThat(plan.data()).containsEntry("order", "a.conf b.conf\n");
  }

  @Test
  void startsAgainWithFirstFileWhenConfigMapHasNoData() {
    // Given
    Snapshot emptied =
        fresh.with(
            new ConfigMapBuilder(served.get(ObjectKey.CONFIG_MAP).orElseThrow())
                .withData(null)
                .build());

    // When
    ConfigurationPlan plan = plan(emptied, Optional.empty());

    // Then
    assertThat(plan.data()).containsEntry("order", "a.conf b.conf\n");
    assertThat(ConfigurationPlan.expected(emptied)).isEmpty();
  }

  @Test
  void makesNewConfigurationLiveAndKeepsPreviousOneAsWorking() {
    // When
    ConfigurationPlan plan = plan(changed, reported(first, first));

    // Then
    assertThat(plan.expected()).isEqualTo(second);
    assertThat(plan.working().hash()).isEqualTo(first);
  }

  @Test
  void keepsPreviousConfigurationAsWorkingWhenNewOneIsOnlyLoaded() {
    // When: the server has loaded it, but has not started with it
    ConfigurationPlan plan = plan(changed, reported(first, second));

    // Then
    assertThat(plan.working().hash()).isEqualTo(first);
  }

  @Test
  void countsConfigurationAsWorkingAfterStartAndLogin() {
    // When
    ConfigurationPlan plan = plan(changed, reported(second, second));

    // Then
    assertThat(plan.working().hash()).isEqualTo(second);
    assertThat(plan.refusal()).isEmpty();
  }

  @Test
  void returnsToWorkingConfigurationWhenServerRejectsFile() {
    // Given
    ServerSettings rejecting = rejecting(new RejectedParameter("work_mem", "too much"));

    // When
    ConfigurationPlan plan = plan(changed, Optional.of(rejecting));

    // Then
    assertThat(plan.expected()).isEqualTo(first);
    assertThat(plan.refusal().map(RememberedRefusal::message)).contains("work_mem: too much");
  }

  @Test
  void shortensRefusalThatNoAnnotationCouldHold() {
    // Given
    ServerSettings rejecting = rejecting(new RejectedParameter("work_mem", "x".repeat(300_000)));

    // When
    ConfigurationPlan plan = plan(changed, Optional.of(rejecting));

    // Then
    assertThat(plan.refusal().map(RememberedRefusal::message).orElseThrow())
        .startsWith("work_mem: xxx")
        .endsWith("x…")
        .hasSize(600);
  }

  @Test
  void ignoresRejectionOfPreviousFile() {
    // Given: the server still has the previous file and rejects something in it
    ServerSettings rejecting = rejecting(new RejectedParameter("work_mem", "too much"));
    Snapshot corrected = Snapshots.withSpec(changed, "parameters: {work_mem: 9MB}");

    // When
    ConfigurationPlan plan = plan(corrected, Optional.of(rejecting));

    // Then
    assertThat(plan.refusal()).isEmpty();
  }

  @Test
  void remembersRefusalWhileServerReportsNothing() {
    // Given
    Snapshot refused = applied(changed, Optional.of(rejecting(new RejectedParameter("a", "b"))));

    // When
    ConfigurationPlan plan = plan(refused, Optional.empty());

    // Then
    assertThat(plan.expected()).isEqualTo(first);
    assertThat(plan.refusal().map(RememberedRefusal::message)).contains("a: b");
  }

  @Test
  void forgetsRefusalWhenSpecChanges() {
    // Given
    Snapshot refused = applied(changed, Optional.of(rejecting(new RejectedParameter("a", "b"))));

    // When
    ConfigurationPlan plan =
        plan(Snapshots.withSpec(refused, "parameters: {work_mem: 9MB}"), reported(first, first));

    // Then
    assertThat(plan.refusal()).isEmpty();
    assertThat(plan.expected()).isEqualTo(hash("parameters: {work_mem: 9MB}"));
  }

  @Test
  void swapsFilesWhenServerFellBack() {
    // Given
    Snapshot ended = endedWith("FATAL:  could not access file \"nope\"");

    // When
    ConfigurationPlan plan = plan(ended, Optional.of(fallenBack()));

    // Then
    assertThat(plan.first()).isEqualTo("b.conf");
    assertThat(plan.live().hash()).isEqualTo(first);
    assertThat(plan.refusal().map(RememberedRefusal::message))
        .contains("The server did not start with it: FATAL:  could not access file \"nope\"");
  }

  @Test
  void quotesWhatPostgresSaysAgainstConfigurationRatherThanItsLog() {
    // Given
    Snapshot ended = endedWith("FATAL:  something after that");
    String objections = "invalid value for parameter \"work_mem\": \"64M\"";
    ServerSettings fellBack =
        new ServerSettings(
            "b.conf",
            first,
            second,
            objections,
            first,
            first,
            List.of(),
            List.of(),
            List.of(),
            new ServerSettings.Login.Accepted());

    // When
    ConfigurationPlan plan = plan(ended, Optional.of(fellBack));

    // Then
    assertThat(plan.refusal().map(RememberedRefusal::message))
        .contains("The server did not start with it: " + objections);
  }

  @Test
  void writesNextConfigurationToFileThatServerReadsAfterFallback() {
    // Given
    Snapshot fellBack = applied(changed, Optional.of(fallenBack()));

    // When
    ConfigurationPlan plan =
        plan(
            Snapshots.withSpec(fellBack, "parameters: {work_mem: 9MB}"), Optional.of(fallenBack()));

    // Then
    assertThat(plan.data())
        .containsEntry("order", "b.conf a.conf\n")
        .containsEntry("b.conf", plan.requested().text());
    assertThat(plan.working().hash()).isEqualTo(first);
  }

  @Test
  void listsOnlyParametersThatUserChanged() {
    // Given: another version of the operator sets shared_buffers differently, too
    ServerSettings pending = pending("max_connections", "shared_buffers");

    // When
    List<String> names = plan(changed, Optional.of(pending)).changedByUser(pending);

    // Then
    assertThat(names).containsExactly("max_connections");
  }

  @Test
  void comparesNamesThatServerReportsInAnyCase() {
    // Given
    ServerSettings pending = pending("Max_Connections", "Shared_Buffers");

    // When
    List<String> names = plan(changed, Optional.of(pending)).changedByUser(pending);

    // Then
    assertThat(names).containsExactly("Max_Connections");
  }

  @Test
  void listsAllParametersOfUserWhenStartedConfigurationIsUnknown() {
    // Given: the ConfigMap with the configuration that the server started with was deleted
    ServerSettings pending =
        new ServerSettings(
            "a.conf",
            "gone",
            "-",
            "",
            second,
            second,
            List.of(),
            List.of("max_connections", "shared_buffers"),
            List.of(),
            new ServerSettings.Login.Accepted());

    // When
    List<String> names = plan(changed, Optional.empty()).changedByUser(pending);

    // Then
    assertThat(names).containsExactly("max_connections");
  }

  @Test
  void listsParameterThatUserRemoved() {
    // Given
    Snapshot proven = applied(changed, reported(second, second));
    Snapshot removed = Snapshots.withSpec(proven, "parameters: {work_mem: 8MB}");
    ServerSettings pending =
        new ServerSettings(
            "a.conf",
            second,
            "-",
            "",
            hash("parameters: {work_mem: 8MB}"),
            hash("parameters: {work_mem: 8MB}"),
            List.of(),
            List.of("max_connections"),
            List.of(),
            new ServerSettings.Login.Accepted());

    // When
    List<String> names = plan(removed, Optional.of(pending)).changedByUser(pending);

    // Then
    assertThat(names).containsExactly("max_connections");
  }

  @Test
  void triesRefusedConfigurationAgainAfterRestartRequest() {
    // Given
    Snapshot refused = applied(changed, Optional.of(rejecting(new RejectedParameter("a", "b"))));
    refused.instance().getMetadata().setAnnotations(Map.of(Labels.RESTART, "again"));

    // When
    ConfigurationPlan plan = plan(refused, reported(first, first));

    // Then
    assertThat(plan.expected()).isEqualTo(second);
  }

  @Test
  void changesRefreshAnnotationEveryFewSeconds() {
    // Given
    ConfigurationPlan plan = plan(changed, reported(first, first));
    Instant now = Instant.parse("2026-01-02T03:04:05Z");

    // When
    String annotation = plan.refreshAnnotation(now);

    // Then
    assertThat(annotation).startsWith(second).isEqualTo(plan.refreshAnnotation(now.plusSeconds(1)));
    assertThat(annotation).isNotEqualTo(plan.refreshAnnotation(now.plusSeconds(10)));
  }

  @Test
  void namesMemoryLimitWhenServerWasOutOfMemory() {
    // Given
    Snapshot killed =
        Snapshots.with(changed, Pods.startedAgain(changed, Pods.terminated(137, "OOMKilled", "")));

    // When
    ConfigurationPlan plan = plan(killed, Optional.of(fallenBack()));

    // Then
    assertThat(plan.refusal().map(RememberedRefusal::message))
        .hasValueSatisfying(
            message -> assertThat(message).contains("spec.resources.limits.memory"));
  }

  @Test
  void omitsFatalMessageToClientFromRefusal() {
    // Given
    Snapshot ended = endedWith("joe@shop FATAL:  no such secret");

    // When
    ConfigurationPlan plan = plan(ended, Optional.of(fallenBack()));

    // Then
    assertThat(plan.refusal().map(RememberedRefusal::message))
        .contains(
            "The server did not start with it: kubectl logs -n shop orders-0 -c postgres --previous may"
                + " show why");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.conf a.conf", "a.conf", "b.conf a.conf c.conf", "b.conf c.conf", ""})
  void ignoresInvalidOrderOfFiles(String order) {
    // Given
    served.get(ObjectKey.CONFIG_MAP).orElseThrow().getData().put("order", order);

    // When
    ConfigurationPlan plan = plan(served, Optional.empty());

    // Then
    assertThat(plan.data()).containsEntry("order", "a.conf b.conf\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "999", "1ms", " 0.5 s", "999999us", "200 ms"})
  void doesNotWriteTimeoutThatEndsEachLogin(String value) {
    // Given
    String spec = "parameters: {Transaction_Timeout: '%s'}".formatted(value);

    // When: the operator could not take it back
    ConfigurationPlan plan = plan(Snapshots.withSpec(served, spec), Optional.empty());

    // Then
    assertThat(plan.data().values()).noneMatch(text -> text.contains("transaction_timeout"));
    assertThat(plan.refusal().map(RememberedRefusal::message).orElseThrow())
        .contains("transaction_timeout: '%s'".formatted(value), "at least 1s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1000", "1s", "1.5s", "5min", "1h", "1d", "0ms"})
  void writesOtherTimeouts(String value) {
    // Given
    String spec = "parameters: {transaction_timeout: '%s'}".formatted(value);

    // Then
    assertThat(plan(Snapshots.of(spec), Optional.empty()).refusal()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "5e2", "+500", ".5s", "0x1F4", "01500"})
  void doesNotWriteTimeoutThatOnlyPostgresCanParse(String value) {
    // Given
    String spec = "parameters: {transaction_timeout: '%s'}".formatted(value);

    // Then
    assertThat(
            plan(Snapshots.withSpec(served, spec), Optional.empty())
                .refusal()
                .map(RememberedRefusal::message)
                .orElseThrow())
        .contains("transaction_timeout: '%s'".formatted(value), "a decimal number with a unit");
  }

  @Test
  void leavesTimeoutToVersionsWithoutThatParameter() {
    assertThat(
            plan(
                    Snapshots.of("{version: '16', parameters: {transaction_timeout: 1ms}}"),
                    Optional.empty())
                .refusal())
        .isEmpty();
  }

  @Test
  void takesBackConfigurationWithWhichNoLoginSucceedsAfterReload() {
    // When
    ConfigurationPlan plan = plan(changed, rejected(first, second));

    // Then
    assertThat(plan.expected()).isEqualTo(first);
    assertThat(plan.refusal().map(RememberedRefusal::message))
        .contains("No login succeeds with it: " + NO_LIBRARY);
  }

  @Test
  void takesBackConfigurationWithWhichNoLoginSucceedsAfterStart() {
    // When: the server has started with it, too
    ConfigurationPlan plan = plan(changed, rejected(second, second));

    // Then
    assertThat(plan.expected()).isEqualTo(first);
    assertThat(plan.working().hash()).isEqualTo(first);
    assertThat(plan.refusal()).isPresent();
  }

  @Test
  void newInstanceFallsBackToConfigurationWithoutParametersWhenNoLoginSucceeds() {
    // Given
    Snapshot started = applied(Snapshots.of(REQUESTED), Optional.empty());

    // When
    ConfigurationPlan plan = plan(started, rejected(second, second));

    // Then
    assertThat(plan.expected()).isEqualTo(first);
    assertThat(plan.refusal()).isPresent();
  }

  @Test
  void keepsConfigurationWhenLoginIsRejectedAfterOneHasSucceeded() {
    // Given
    Snapshot accepted = applied(changed, reported(first, second));

    // When
    ConfigurationPlan plan = plan(accepted, rejected(first, second));

    // Then
    assertThat(plan.expected()).isEqualTo(second);
    assertThat(plan.refusal()).isEmpty();
  }

  @Test
  void keepsConfigurationWhenNextOneIsNotKnownToBeInForce() {
    // Given
    ServerSettings inconclusive = settings(first, second, new Login.Inconclusive());

    // When
    ConfigurationPlan plan = plan(changed, Optional.of(inconclusive));

    // Then
    assertThat(plan.expected()).isEqualTo(second);
    assertThat(plan.accepted()).isFalse();
  }

  @Test
  void returnsToRequestedConfigurationWhenLoginIsRejectedWithFallbackToo() {
    // Given
    Snapshot takenBack = applied(changed, rejected(first, second));

    // When
    ConfigurationPlan plan = plan(takenBack, rejected(first, first));

    // Then
    assertThat(plan.expected()).isEqualTo(second);
    assertThat(plan.refusal()).isEmpty();

    // When: the requested one is in force again, and the login is rejected as before
    Snapshot returned = applied(takenBack, rejected(first, first));

    // Then
    assertThat(plan(returned, rejected(first, second)).expected()).isEqualTo(second);
  }

  @Test
  void remembersRefusalWhenLoginSucceedsWithFallback() {
    // Given
    Snapshot takenBack = applied(changed, rejected(second, second));

    // When: this server has started with the other one
    ConfigurationPlan plan = plan(takenBack, reported(second, first));

    // Then
    assertThat(plan.expected()).isEqualTo(first);
    assertThat(plan.working().hash()).isEqualTo(first);
    assertThat(plan.refusal()).isPresent();
  }

  @Test
  void doesNotTakeConfigurationForProvenThatOnlyStartedTheServer() {
    // Given: taken back, then requested again by an annotation
    Snapshot takenBack = applied(changed, rejected(second, second));
    takenBack.instance().getMetadata().setAnnotations(Map.of(Labels.RESTART, "again"));
    Snapshot requestedAgain = applied(takenBack, reported(second, first));

    // When: the fallback is still in force
    ConfigurationPlan plan = plan(requestedAgain, reported(second, first));

    // Then
    assertThat(plan.working().hash()).isEqualTo(first);
  }

  @Test
  void restartsForParametersWithWhichLoginsAreStillRejected() {
    // Given: the reload cannot take back all of the configuration
    Snapshot takenBack = applied(changed, rejected(second, second));
    ServerSettings pending =
        new ServerSettings(
            "a.conf",
            second,
            "-",
            "",
            first,
            first,
            List.of(),
            List.of("max_connections"),
            List.of(),
            new Login.Rejected(NO_LIBRARY));

    // When
    ConfigurationPlan plan = plan(takenBack, Optional.of(pending));

    // Then
    assertThat(plan.expected()).isEqualTo(first);
    assertThat(plan.changedByUser(pending)).containsExactly("max_connections");
  }

  /** The server was started again after it had ended with this line in its log. */
  private Snapshot endedWith(String line) {
    String log = "2026-01-01 00:00:00.000 UTC [12] %s\n".formatted(line);
    return Snapshots.with(changed, Pods.startedAgain(changed, Pods.terminated(1, "Error", log)));
  }

  private static ConfigurationPlan plan(Snapshot snapshot, Optional<ServerSettings> settings) {
    return ConfigurationPlan.of(snapshot, settings);
  }

  private static Snapshot applied(Snapshot snapshot, Optional<ServerSettings> settings) {
    ConfigMap configMap = ServerConfigMap.desired(snapshot, plan(snapshot, settings));
    return snapshot.with(configMap);
  }

  private static String hash(String spec) {
    return Configuration.of(Snapshots.of(spec)).hash();
  }

  private static Optional<ServerSettings> reported(String started, String loaded) {
    return Optional.of(SettingsReports.healthy(started, loaded));
  }

  private static Optional<ServerSettings> rejected(String started, String loaded) {
    return Optional.of(settings(started, loaded, new Login.Rejected(NO_LIBRARY)));
  }

  private static ServerSettings settings(String started, String loaded, Login login) {
    return new ServerSettings(
        "a.conf", started, "-", "", loaded, loaded, List.of(), List.of(), List.of(), login);
  }

  private ServerSettings rejecting(RejectedParameter rejected) {
    return new ServerSettings(
        "a.conf",
        first,
        "-",
        "",
        first,
        second,
        List.of(rejected),
        List.of(),
        List.of(),
        new ServerSettings.Login.Accepted());
  }

  private ServerSettings fallenBack() {
    return new ServerSettings(
        "b.conf",
        first,
        second,
        "",
        first,
        first,
        List.of(),
        List.of(),
        List.of(),
        new ServerSettings.Login.Accepted());
  }

  private ServerSettings pending(String... names) {
    return new ServerSettings(
        "a.conf",
        first,
        "-",
        "",
        second,
        second,
        List.of(),
        List.of(names),
        List.of(),
        new ServerSettings.Login.Accepted());
  }
}
