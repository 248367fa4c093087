package dev.postgresinstance.operator.feature.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import dev.postgresinstance.operator.report.Problem;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordProblemsTest {

  @Test
  void reportsUnusableSecretAndThatPublishedPasswordStays() {
    // Given
    Snapshot snapshot = Snapshots.of("passwordSecretRef: {name: own}");

    // When
    Problem problem = PasswordProblems.of(snapshot).orElseThrow();

    // Then
    assertThat(problem.condition()).isEqualTo(ConditionType.READY);
    assertThat(problem.reason()).isEqualTo(Reason.PASSWORD_SECRET_INVALID);
    assertThat(problem.message())
        .contains("own", "does not exist")
        .endsWith(". The published password stays in use.");
  }

  @Test
  void reportsNothingWithoutUserProvidedSecret() {
    // When
    Optional<Problem> problem = PasswordProblems.of(Snapshots.of("{}"));

    // Then
    assertThat(problem).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb"})
  void reportsMissingPgpassForPasswordWithLineBreak(String password) {
    // When
    Optional<String> message = PasswordProblems.passwordFile(credentials(password));

    // Then
    assertThat(message.orElseThrow()).contains("no key pgpass").doesNotContain(password);
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret", "a:b\\c", " "})
  void reportsNothingForPasswordThatFitsPgpass(String password) {
    // When
    Optional<String> message = PasswordProblems.passwordFile(credentials(password));

    // Then
    assertThat(message).isEmpty();
  }

  private static Credentials credentials(String password) {
    return new Credentials(password, true, "operator-password", "salt-key");
  }
}
