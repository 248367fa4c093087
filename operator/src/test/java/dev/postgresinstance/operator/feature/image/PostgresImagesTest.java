package dev.postgresinstance.operator.feature.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresImagesTest {

  @Test
  void namesMinorVersionAndDistributionInEveryDefault() {
    // When
    PostgresImages images = PostgresImages.DEFAULT;

    // Then
    assertThat(images.byMajor()).containsOnlyKeys("15", "16", "17", "18");
    images
        .byMajor()
        .forEach((major, image) -> assertThat(image).matches("postgres:" + major + "\\.\\d+-\\w+"));
  }

  @Test
  void documentsDefaultsInOperationsGuide() throws IOException {
    // When
    String page = Files.readString(Path.of("../docs/operations.md"));

    // Then
    PostgresImages.DEFAULT
        .byMajor()
        .forEach(
            (major, image) -> assertThat(page).contains("| %s | `%s` |".formatted(major, image)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void keepsDefaultsForBlankText(String text) {
    // When
    PostgresImages images = PostgresImages.parse(text);

    // Then
    assertThat(images).isEqualTo(PostgresImages.DEFAULT);
  }

  @Test
  void replacesDefaultsByEntries() {
    // When
    PostgresImages images =
        PostgresImages.parse(" 17=registry.example:5000/pg:17.6@sha256:ab , 15=pg:15=odd ");

    // Then
    assertThat(List.of("15", "16", "17"))
        .extracting(images::of)
        .containsExactly(
            "pg:15=odd",
            PostgresImages.DEFAULT.of("16"),
            "registry.example:5000/pg:17.6@sha256:ab");
  }

  @Test
  void ignoresWhiteSpaceThatKubernetesRejectsInImage() {
    // When
    PostgresImages images = PostgresImages.parse("17 = registry.example/pg:17.6 ,18=\tpg:18.1");

    // Then
    assertThat(images.of("17")).isEqualTo("registry.example/pg:17.6");
    assertThat(images.of("18")).isEqualTo("pg:18.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"17", "17=", "17= ", "=pg:17", "14=pg:14", "19=pg:19", "17.6=pg", "pg:17", ""})
  void namesVariableAndInvalidEntryInError(String entry) {
    // When
    var error =
        assertThatIllegalArgumentException()
            .isThrownBy(() -> PostgresImages.parse("16=pg:16," + entry));

    // Then
    error
        .withMessageContaining("POSTGRES_IMAGES")
        .withMessageContaining("\"" + entry + "\"")
        .withMessageContaining("[15, 16, 17, 18]");
  }
}
