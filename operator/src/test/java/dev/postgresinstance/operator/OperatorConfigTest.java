package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postgresinstance.operator.feature.image.PostgresImages;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorConfigTest {

  @Test
  void usesDefaultsIfNothingIsSet() {
    // When
    OperatorConfig config = OperatorConfig.fromEnvironment(Map.of("HOSTNAME", "here"));

    // Then
    assertThat(config)
        .isEqualTo(
            new OperatorConfig(
                Set.of(),
                PostgresImages.DEFAULT,
                Optional.empty(),
                true,
                Optional.empty(),
                "here",
                8080,
                "INFO",
                "text"));
  }

  @Test
  void treatsEmptyVariablesAsUnset() {
    // When
    OperatorConfig config =
        OperatorConfig.fromEnvironment(
            Map.of(
                "WATCH_NAMESPACES", "",
                "POSTGRES_IMAGES", " ",
                "DATABASE_ACCESS", "",
                "LEASE", "",
                "HOSTNAME", "here",
                "HEALTH_PORT", " ",
                "LOG_FORMAT", "",
                "LOG_LEVEL", ""));

    // Then
    assertThat(config).isEqualTo(OperatorConfig.fromEnvironment(Map.of("HOSTNAME", "here")));
  }

  @Test
  void readsAllVariables() {
    // When
    OperatorConfig config =
        OperatorConfig.fromEnvironment(
            Map.of(
                "WATCH_NAMESPACES", " shop , crm ",
                "POSTGRES_IMAGES", "17=postgres:17.6",
                "OPERATOR_IMAGE", "operator:1",
                "DATABASE_ACCESS", "NodePort",
                "LEASE", "operators/pg.v1",
                "HOSTNAME", "operator-0",
                "HEALTH_PORT", "0",
                "LOG_FORMAT", "json",
                "LOG_LEVEL", "DEBUG"));

    // Then
    assertThat(config)
        .isEqualTo(
            new OperatorConfig(
                Set.of("crm", "shop"),
                PostgresImages.parse("17=postgres:17.6"),
                Optional.of("operator:1"),
                true,
                Optional.of(new LeaseName("operators", "pg.v1")),
                "operator-0",
                0,
                "DEBUG",
                "json"));
  }

  @Test
  void generatesUniqueIdentityWithoutHostname() {
    assertThat(OperatorConfig.fromEnvironment(Map.of()).identity())
        .isNotEqualTo(OperatorConfig.fromEnvironment(Map.of()).identity());
  }

  @ParameterizedTest
  @CsvSource({
    "          ,         , true",
    "10.96.0.1 ,         , false",
    "          ,ClusterIP, false",
    "10.96.0.1 ,NodePort , true"
  })
  void choosesDatabaseAccessByWhereTheOperatorRunsUnlessConfigured(
      String serviceHost, String access, boolean byNodePort) {
    // Given
    Map<String, String> environment =
        serviceHost == null
            ? Map.of("DATABASE_ACCESS", access == null ? "" : access)
            : Map.of(
                "DATABASE_ACCESS",
                access == null ? "" : access,
                "KUBERNETES_SERVICE_HOST",
                serviceHost);

    // When
    OperatorConfig config = OperatorConfig.fromEnvironment(environment);

    // Then
    assertThat(config.databasesByNodePort()).isEqualTo(byNodePort);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR"})
  void acceptsLogLevel(String level) {
    // When
    OperatorConfig config = OperatorConfig.fromEnvironment(Map.of("LOG_LEVEL", level));

    // Then
    assertThat(config.logLevel()).isEqualTo(level);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WATCH_NAMESPACES | Shop
          WATCH_NAMESPACES | shop crm
          WATCH_NAMESPACES | shop,-crm
          WATCH_NAMESPACES | shop,,crm
          WATCH_NAMESPACES | *
          POSTGRES_IMAGES  | 14=postgres
          POSTGRES_IMAGES  | postgres:17
          DATABASE_ACCESS  | LoadBalancer
          DATABASE_ACCESS  | nodeport
          HEALTH_PORT      | 65536
          HEALTH_PORT      | -1
          HEALTH_PORT      | http
          HEALTH_PORT      | 99999999999
          LOG_LEVEL        | info
          LOG_LEVEL        | OFF
          """)
  void rejectsInvalidValueAndNamesItsVariable(String variable, String value) {
    // Given
    Map<String, String> environment = Map.of(variable, value);

    // When
    var failure =
        assertThatIllegalArgumentException()
            .isThrownBy(() -> OperatorConfig.fromEnvironment(environment));

    // Then
    failure.withMessageMatching("%s: \"%s\" is .+".formatted(variable, Pattern.quote(value)));
  }
}
