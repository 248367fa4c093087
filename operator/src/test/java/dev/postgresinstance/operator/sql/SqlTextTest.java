package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlTextTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "app, \"app\"",
        "Shop Owner, \"Shop Owner\"",
        "a\"b, \"a\"\"b\"",
        "\"\", \"\"\"\"\"\"",
        "o'neil, \"o'neil\"",
        "a\\b, \"a\\b\""
      })
  void quotesIdentifierAndDoublesQuotationMarks(String name, String quoted) {
    assertThat(SqlText.identifier(name)).isEqualTo(quoted);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "secret, 'secret'",
        "``, ''",
        "it's, 'it''s'",
        "'; DROP DATABASE app --, '''; DROP DATABASE app --'",
        "a\"b, 'a\"b'",
        // Backslashes are ordinary characters with standard_conforming_strings.
        "a\\', 'a\\'''"
      })
  void quotesLiteralAndDoublesApostrophes(String text, String quoted) {
    assertThat(SqlText.literal(text)).isEqualTo(quoted);
  }
}
