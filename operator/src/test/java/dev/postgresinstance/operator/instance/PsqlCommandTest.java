package dev.postgresinstance.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PsqlCommandTest {

  private final PostgresInstance instance = Snapshots.of("{}").instance();

  @Test
  void runsStatementAsSuperuserInPodOfInstance() {
    assertThat(PsqlCommand.of(instance, "ALTER ROLE \"app\" LOGIN"))
        .isEqualTo(
            "kubectl exec -n shop orders-0 -c postgres -- psql -U postgres"
                + " -c 'ALTER ROLE \"app\" LOGIN'");
  }

  @Test
  void connectsToGivenDatabase() {
    assertThat(PsqlCommand.in(instance, "shop"))
        .isEqualTo("kubectl exec -n shop orders-0 -c postgres -- psql -U postgres -d 'shop'");
  }

  @Test
  void needsNoDatabaseArgumentForDatabaseOfSuperuser() {
    assertThat(PsqlCommand.in(instance, "postgres"))
        .isEqualTo("kubectl exec -n shop orders-0 -c postgres -- psql -U postgres");
  }

  @Test
  void closesQuotesAroundEachQuote() {
    assertThat(PsqlCommand.argument("SELECT 'a'")).isEqualTo(" -c 'SELECT '\\''a'\\'''");
    assertThat(PsqlCommand.in(instance, "o'brien")).endsWith(" -d 'o'\\''brien'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'it''s'",
        "ALTER ROLE \"o'brien\" LOGIN",
        "SELECT $$a$$, `b`, \\c, !d, $HOME, $(date)",
        "'"
      })
  void passesTextThroughShellUnchanged(String text) throws IOException, InterruptedException {
    // When
    String command = PsqlCommand.in(instance, text) + PsqlCommand.argument(text);

    // Then
    assertThat(PastedCommand.arguments(command))
        .containsExactly(
            "exec",
            "-n",
            "shop",
            "orders-0",
            "-c",
            "postgres",
            "--",
            "psql",
            "-U",
            "postgres",
            "-d",
            text,
            "-c",
            text);
  }
}
