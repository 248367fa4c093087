package dev.postgresinstance.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessagesTest {

  private static final int LIMIT = StatusBuilder.MAX_MESSAGE_LENGTH;
  private static final String COMMAND = "kubectl annotate -n shop pgi orders a=b --overwrite";

  @Test
  void joinsSentencesInOneLine() {
    assertThat(Messages.join("One.", List.of("Two.", "Three"))).isEqualTo("One. Two. Three");
  }

  @Test
  void endsLineAfterCommand() {
    assertThat(Messages.join("Run: " + COMMAND, List.of("Two.")))
        .isEqualTo("Run: " + COMMAND + "\nTwo.");
  }

  @Test
  void shortensLastMessageFirst() {
    // Given
    String first = "a".repeat(1_500) + " " + COMMAND;
    String second = "b".repeat(150) + " " + COMMAND;
    String third = "c".repeat(300) + ".";

    // When
    String message = Messages.join(first, List.of(second, third));

    // Then
    assertThat(message).startsWith(first + "\n" + second + "\n").endsWith("c…");
    assertThat(message).hasSizeLessThanOrEqualTo(LIMIT);
  }

  @Test
  void shortensNoCommand() {
    // Given: a command that begins before the limit and ends after it
    String first = "a".repeat(LIMIT - 120) + ".";

    // When
    String message = Messages.join(first, List.of("b".repeat(100) + ": " + COMMAND));

    // Then
    assertThat(message).startsWith(first + " bbb").endsWith("b:…").doesNotContain("kubectl");
  }

  @Test
  void omitsWhatDoesNotFitInAnyLength() {
    // When
    String message =
        Messages.join("a".repeat(1_900) + ".", Collections.nCopies(3, "b".repeat(400)));

    // Then
    assertThat(message).isEqualTo("a".repeat(1_900) + ".");
  }

  @Test
  void omitsCommandThatDoesNotFit() {
    // Given
    String message = "a".repeat(50) + ": " + COMMAND;

    // Then
    assertThat(Messages.abbreviate(message, message.length())).isEqualTo(message);
    assertThat(Messages.abbreviate(message, message.length() - 1)).isEqualTo("a".repeat(50) + ":…");
  }

  @Test
  void omitsAllCommandsOfALineThatDoesNotFit() {
    // Given
    String line = "kubectl one && copy=$(kubectl two | kubectl three); kubectl four";
    String message = "Run: " + line;

    // Then
    assertThat(Messages.abbreviate(message, message.length())).isEqualTo(message);
    assertThat(Messages.abbreviate(message, message.length() - 1)).isEqualTo("Run:…");
  }

  @Test
  void keepsCommandThatFits() {
    assertThat(Messages.abbreviate("Run: " + COMMAND + "\n" + "b".repeat(50), 70))
        .startsWith("Run: " + COMMAND + "\nb")
        .endsWith("b…")
        .hasSize(70);
  }

  @Test
  void keepsCommandInTheMiddleOfASentence() {
    assertThat(Messages.abbreviate("kubectl get pod shows more: " + "b".repeat(50), 40))
        .isEqualTo("kubectl get pod shows more: " + "b".repeat(11) + "…");
  }
}
