package dev.postgresinstance.operator.sql;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageLengthsTest {

  private static final String PARAMETER = "S\0\0\0\10a\0b\0";
  private static final String EMPTY = "n\0\0\0\4";
  private static final String ROW =
      "D\0\0\0\25\0\3\0\0\0\3abc\377\377\377\377\0\0\0\0"; // abc, NULL and an empty text
  private static final String READY = "Z\0\0\0\5I";

  private final MessageLengths lengths = new MessageLengths(100);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
  void acceptsMessagesSplitAnywhere(int piece) throws IOException {
    // Given
    byte[] bytes = bytes(PARAMETER + EMPTY + ROW + ROW + PARAMETER + READY);

    // When
    for (int offset = 0; offset < bytes.length; offset += piece) {
      lengths.accept(bytes, offset, Math.min(piece, bytes.length - offset));
    }

    // Then
    assertThat(lengths.isReady()).isTrue();
  }

  @Test
  void ignoresReadyMarkerInsideMessage() throws IOException {
    // When
    accept("S\0\0\0\12" + READY);

    // Then
    assertThat(lengths.isReady()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S\0\0\0\3", // less than its own length
        "S\377\377\377\377",
        "S\0\0\0\151", // 105: one more than the maximum
        "S\177\377\377\377",
        "D\0\0\0\14\0\1\0\0\0\3", // a field of 3 where 2 are left
        "D\0\0\0\14\0\1\377\377\377\376", // -2
        "D\0\0\0\14\0\1\177\377\377\377",
        "D\0\0\0\10\0\1\0\0", // ends within a length
      })
  void rejectsInvalidLength(String message) throws IOException {
    // Given
    accept(PARAMETER);

    // When
    assertThatThrownBy(() -> accept(message))
        // Then
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("The server declared an invalid length: ");
  }

  private void accept(String message) throws IOException {
    byte[] bytes = bytes(message);
    lengths.accept(bytes, 0, bytes.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
