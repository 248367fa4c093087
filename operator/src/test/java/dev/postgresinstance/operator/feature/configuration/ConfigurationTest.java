package dev.postgresinstance.operator.feature.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.tls.TlsSnapshots;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

  private static final String PARAMETERS = "parameters: {work_mem: 8MB, max_connections: '200'}";

  @Test
  void beginsWithItsHash() {
    // When
    Configuration configuration = configuration(PARAMETERS);

    // Then
    assertThat(configuration.hash()).matches("[0-9a-f]+");
    assertThat(configuration.text())
        .startsWith("postgres_instance.configuration = '%s'\n".formatted(configuration.hash()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "parameters: {work_mem: 8MB}",
        "parameters: {work_mem: 8MB, max_connections: '201'}",
        "{parameters: {work_mem: 8MB, max_connections: '200'}, storage: {size: 2Gi}}"
      })
  void changesHashWithContent(String spec) {
    // When
    Configuration configuration = configuration(spec);

    // Then
    assertThat(configuration.hash()).isNotEqualTo(configuration(PARAMETERS).hash());
  }

  @Test
  void ignoresOrderOfParameters() {
    // When
    Configuration configuration =
        configuration("parameters: {max_connections: '200', work_mem: 8MB}");

    // Then
    assertThat(configuration).isEqualTo(configuration(PARAMETERS));
  }

  @Test
  void ignoresCaseOfNames() {
    // When
    Configuration configuration =
        configuration("parameters: {Work_Mem: 8MB, MAX_CONNECTIONS: '200'}");

    // Then
    assertThat(configuration).isEqualTo(configuration(PARAMETERS));
  }

  @Test
  void readsNamesInAnyCase() {
    // When
    Map<String, String> parameters =
        configuration("parameters: {DateStyle: 'ISO, DMY'}").userParameters();

    // Then
    assertThat(parameters.get("DATESTYLE")).isEqualTo("'ISO, DMY'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "work_mem = '8MB'\n",
        "# first\npostgres_instance.configuration = 'abc'\n",
        "postgres_instance.configuration = 'XYZ'\n"
      })
  void hasNoHashInTextOfAnotherAuthor(String text) {
    // When
    String hash = new Configuration(text).hash();

    // Then
    assertThat(hash).isEmpty();
  }

  @Test
  void writesParametersOfUserAfterDefaultsToOverrideThem() {
    // When
    String text = configuration("parameters: {max_wal_size: 2GB}").text();

    // Then
    assertThat(text).containsOnlyOnce("max_wal_size = '2GB'");
    assertThat(text.indexOf("max_wal_size = '2GB'"))
        .isGreaterThan(text.indexOf("max_wal_size = '204MB'"))
        .isGreaterThan(text.indexOf("min_wal_size = "))
        .isGreaterThan(text.indexOf("listen_addresses = '*'"));
  }

  @Test
  void returnsOnlyParametersOfUserAsWritten() {
    // When
    Map<String, String> parameters =
        configuration("parameters: {work_mem: 8MB, 'app.note': \"it's\"}").userParameters();

    // Then
    assertThat(parameters)
        .containsOnly(Map.entry("work_mem", "'8MB'"), Map.entry("app.note", "'it''s'"));
  }

  @Test
  void returnsNoParametersForTextOfAnotherAuthor() {
    // When
    Map<String, String> parameters = new Configuration("work_mem = '8MB'\n").userParameters();

    // Then
    assertThat(parameters).isEmpty();
  }

  @Test
  void configurationThatIsKeptGetsAndLosesMarkerOfRules() {
    // Given
    String parameters = "parameters: {work_mem: 8MB}";
    Snapshot optional = TlsSnapshots.withCertificate(Snapshots.of("{%s}".formatted(parameters)));
    Snapshot required =
        Snapshots.withSpec(optional, "{%s, tls: {required: true}}".formatted(parameters));
    Configuration with = Configuration.of(required);
    Configuration without = Configuration.of(optional);

    // Then
    assertThat(with.text()).containsOnlyOnce("\npostgres_instance.hba = 'tls-required'\n");
    assertThat(without.text()).doesNotContain("postgres_instance.hba");
    assertThat(without.fitting(required)).isEqualTo(with);
    assertThat(with.fitting(required)).isEqualTo(with);
    assertThat(with.fitting(optional)).isEqualTo(without);
    assertThat(with.userParameters()).isEqualTo(without.userParameters());
  }

  @Test
  void keepsDefaultsWhenParametersOfUserAreLeftOut() {
    // Given
    Snapshot snapshot = Snapshots.of(PARAMETERS);

    // When
    Configuration configuration = Configuration.withoutParameters(snapshot);

    // Then
    assertThat(configuration).isEqualTo(configuration("{}"));
    assertThat(configuration.text()).contains("max_wal_size = ").doesNotContain("work_mem = '8MB'");
  }

  private static Configuration configuration(String spec) {
    return Configuration.of(Snapshots.of(spec));
  }
}
