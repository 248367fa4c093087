package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SourceFileTest {

  @Test
  void commentsAndBlankLinesAreNotCounted() {
    // Given
    String java =
        """
        /** Two
         lines. */
        class A { // here

          String text = "/* no */ // comment \\" either"; /* one
          */ char quote = '"'; // "
        }
        """;

    // When
    SourceFile file = new SourceFile(null, SourceFile.withoutComments(java));

    // Then
    assertThat(file.lines()).isEqualTo(4);
  }
}
