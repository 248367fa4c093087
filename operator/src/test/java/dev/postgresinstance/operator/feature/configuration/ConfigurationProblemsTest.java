package dev.postgresinstance.operator.feature.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.feature.configuration.ServerSettings.RejectedParameter;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationProblemsTest {

  private final Snapshot snapshot = Snapshots.of("parameters: {work_mem: 8MB}");
  private final String requested = plan(snapshot, Optional.empty()).expected();

  @Test
  void reportsNothingOnceServerHasLoadedConfiguration() {
    // When
    List<Problem> problems = problems(snapshot, Optional.of(loaded(requested)), true);

    // Then
    assertThat(problems).isEmpty();
  }

  @Test
  void reportsConfigurationThatServerHasNotLoaded() {
    // When
    List<Problem> problems = problems(snapshot, Optional.of(loaded("previous")), true);

    // Then
    assertThat(problems).extracting(Problem::reason).containsExactly(Reason.CONFIGURING);
  }

  @ParameterizedTest(name = "server accepts logins: {0}, problem: {0}")
  @ValueSource(booleans = {true, false})
  void waitsForReportOfServerThatAcceptsLogins(boolean isAskedSoon) {
    // When
    List<Problem> problems = problems(snapshot, Optional.empty(), isAskedSoon);

    // Then
    assertThat(problems)
        .extracting(Problem::reason)
        .isEqualTo(isAskedSoon ? List.of(Reason.CONFIGURING) : List.of());
  }

  @Test
  void staysReadyWhileServerReloadsConfiguration() {
    // Given
    Condition condition =
        new ConditionBuilder().withType(ConditionType.READY.type()).withStatus("True").build();
    Snapshot ready =
        Snapshots.withStatus(
            snapshot,
            new PostgresInstanceStatus(
                1L,
                List.of(condition),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));

    // When
    List<Problem> problems = problems(ready, Optional.of(loaded("previous")), true);

    // Then
    assertThat(problems).isEmpty();
  }

  @Test
  void reportsRejectedParameterWithCommandThatTriesItAgain() {
    // Given
    ServerSettings rejecting =
        new ServerSettings(
            "a.conf",
            "previous",
            "-",
            "",
            "previous",
            requested,
            List.of(new RejectedParameter("work_mem", "too much")),
            List.of(),
            List.of(),
            new ServerSettings.Login.Accepted());

    // When
    List<Problem> problems = problems(snapshot, Optional.of(rejecting), true);

    // Then
    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.reason()).isEqualTo(Reason.PARAMETER_REFUSED);
              assertThat(problem.preventsReady()).isTrue();
              assertThat(problem.message())
                  .contains(
                      "work_mem: too much",
                      "kubectl annotate -n shop pgi orders"
                          + " postgresinstance.dev/restart=\"$(date)\" --overwrite");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          fsync: 'off'                               | fsync
          fsync: 'OFF'                               | fsync
          fsync: of                                  | fsync
          FSync: 'off'                               | fsync
          fsync: ' no '                              | fsync
          fsync: 'n'                                 | fsync
          fsync: 'F'                                 | fsync
          fsync: 'false'                             | fsync
          full_page_writes: '0'                      | full_page_writes
          "full_page_writes: fal, fsync: fa"         | fsync and full_page_writes
          """,
      quoteCharacter = '"')
  void reportsParametersThatRiskData(String parameters, String named) {
    // Given
    Snapshot unsafe = Snapshots.of("parameters: {%s}".formatted(parameters));

    // When
    List<Problem> problems = problems(unsafe, Optional.empty(), false);

    // Then
    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.condition()).isEqualTo(ConditionType.DATA_AT_RISK);
              assertThat(problem.reason()).isEqualTo(Reason.UNSAFE_PARAMETERS);
              assertThat(problem.preventsReady()).isFalse();
              assertThat(problem.message())
                  .startsWith("spec.parameters switches off %s: ".formatted(named));
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fsync: 'on'",
        "fsync: o",
        "fsync: ''",
        "full_page_writes: '1'",
        "synchronous_commit: 'off'"
      })
  void acceptsParametersThatRiskNoData(String parameters) {
    // Given
    Snapshot safe = Snapshots.of("parameters: {%s}".formatted(parameters));

    // When
    List<Problem> problems = problems(safe, Optional.empty(), false);

    // Then
    assertThat(problems).isEmpty();
  }

  @Test
  void saysThatNewInstanceRunsWithoutParameters() {
    // Given
    Snapshot fresh = Snapshots.of("parameters: {work_mem: 64M}");
    String requested = Configuration.of(fresh).hash();
    ServerSettings fellBack =
        new ServerSettings(
            "b.conf",
            "1",
            requested,
            "no",
            "1",
            "1",
            List.of(),
            List.of(),
            List.of(),
            new ServerSettings.Login.Accepted());

    // When
    List<Problem> problems = problems(fresh, Optional.of(fellBack), true);

    // Then
    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.reason()).isEqualTo(Reason.PARAMETER_REFUSED);
              assertThat(problem.message())
                  .contains("the server runs without any of them: The server did not start with");
            });
  }

  @Test
  void namesParametersSetByAlterSystem() {
    // Given
    ServerSettings settings =
        new ServerSettings(
            "a.conf",
            "1",
            "-",
            "",
            "1",
            "1",
            List.of(),
            List.of(),
            List.of("work_mem", "jit"),
            new ServerSettings.Login.Accepted());

    // When
    String note = ConfigurationProblems.alterSystem(settings);

    // Then
    assertThat(note).startsWith("ALTER SYSTEM has set work_mem, jit.");
  }

  private static List<Problem> problems(
      Snapshot snapshot, Optional<ServerSettings> settings, boolean isAskedSoon) {
    return ConfigurationProblems.of(snapshot, plan(snapshot, settings), settings, isAskedSoon);
  }

  private static ConfigurationPlan plan(Snapshot snapshot, Optional<ServerSettings> settings) {
    return ConfigurationPlan.of(snapshot, settings);
  }

  private static ServerSettings loaded(String hash) {
    return SettingsReports.healthy(hash, hash);
  }
}
