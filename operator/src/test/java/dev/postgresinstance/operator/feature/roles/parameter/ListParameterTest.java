package dev.postgresinstance.operator.feature.roles.parameter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListParameterTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "$user", public | '$user', 'public'
          sales           | 'sales'
          Sales, "Sales"  | 'sales', 'Sales'
          "a, b",c        | 'a, b', 'c'
          "a""b"          | 'a"b'
          it's, x         | 'it''s', 'x'
          """)
  void quotesEachNameOfAList(String value, String literal) {
    assertThat(ListParameter.literal("search_path", value)).isEqualTo(literal);
    assertThat(ListParameter.literal("Search_Path", value)).isEqualTo(literal);
  }

  @Test
  void quotesOtherValuesAsOneText() {
    assertThat(ListParameter.literal("application_name", "a, b")).isEqualTo("'a, b'");
    assertThat(ListParameter.literal("search_path", "")).isEqualTo("''");
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "\"\"", "\"\", ", " ", ","})
  void readsListsOfAnyLength(String part) {
    // Given: a role may set its own parameter to what it likes
    String value = "\"" + part.repeat(200_000) + "\"";

    // Then
    assertThat(ListParameter.isSame("search_path", value, value)).isTrue();
    assertThat(ListParameter.isSame("search_path", value, "public")).isFalse();
  }

  @Test
  void comparesListsByTheirNames() {
    assertThat(ListParameter.isSame("search_path", "\"$user\",public", "\"$user\", public"))
        .isTrue();
    assertThat(ListParameter.isSame("search_path", "a, b", "b, a")).isFalse();
    assertThat(ListParameter.isSame("work_mem", "8MB", "8192kB")).isFalse();
  }
}
