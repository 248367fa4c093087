package dev.postgresinstance.tests.support;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeakCheckTest {

  private static final String SECRET = "a password of 26 letters: ü";

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "12", "123", "password=1234"})
  void secretIsFoundInAnyTextThatContainsIt(String before) {
    for (String after : List.of("", "1", "12", "123")) {
      // Given
      String text = before + SECRET + after;
      String encoded = Base64.getEncoder().encodeToString(text.getBytes(UTF_8));

      // Then
      assertThat(isFoundIn(text)).as(text).isTrue();
      assertThat(isFoundIn(encoded)).as(encoded).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a password", "a password of 26 letters: ö"})
  void otherTextIsNotTheSecret(String other) {
    // Given
    String encoded = Base64.getEncoder().encodeToString(other.getBytes(UTF_8));

    // Then
    assertThat(isFoundIn(other)).isFalse();
    assertThat(isFoundIn(encoded)).isFalse();
  }

  private static boolean isFoundIn(String text) {
    return LeakCheck.forms(SECRET).anyMatch(text::contains);
  }
}
