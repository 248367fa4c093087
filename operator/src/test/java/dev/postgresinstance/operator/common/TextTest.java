package dev.postgresinstance.operator.common;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {

  @ParameterizedTest
  @CsvSource({"four, four", "fiver, five", "'', ''"})
  void truncatesToTheMaximumLength(String text, String expected) {
    assertThat(Text.truncate(text, 4)).isEqualTo(expected);
  }

  @Test
  void doesNotSplitASurrogatePair() {
    assertThat(Text.truncate("ten\uD83D\uDE00", 4)).isEqualTo("ten");
    assertThat(Text.truncate("te\uD83D\uDE00n", 4)).isEqualTo("te\uD83D\uDE00");
  }

  @ParameterizedTest
  @CsvSource({"four, four", "fiver, fiv…", "'', ''"})
  void abbreviatesWithAnEllipsisWithinTheMaximumLength(String text, String expected) {
    assertThat(Text.abbreviate(text, 4)).isEqualTo(expected);
  }
}
