package dev.postgresinstance.operator.feature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.NewPasswords.Purpose;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NewPasswordsTest {

  private final AtomicInteger calls = new AtomicInteger();
  private final NewPasswords passwords =
      new NewPasswords(() -> "random-" + calls.incrementAndGet());

  @ParameterizedTest
  @EnumSource(Purpose.class)
  void returnsSamePasswordForSamePurpose(Purpose purpose) {
    // When
    String first = passwords.get(purpose);
    String second = passwords.get(purpose);

    // Then
    assertThat(first).isEqualTo("random-1");
    assertThat(second).isEqualTo(first);
    assertThat(calls).hasValue(1);
  }

  @Test
  void returnsDifferentPasswordForEachPurpose() {
    // When
    List<String> texts = Arrays.stream(Purpose.values()).map(passwords::get).toList();

    // Then
    assertThat(texts).doesNotHaveDuplicates();
  }

  @Test
  void generatesLongDifferentPasswordsWithoutSpecialCharacters() {
    // When
    String text = new NewPasswords().get(Purpose.APPLICATION);

    // Then
    assertThat(text)
        .matches("[0-9a-z]{30,}")
        .isNotEqualTo(new NewPasswords().get(Purpose.APPLICATION));
  }
}
