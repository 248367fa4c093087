package dev.postgresinstance.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Provokes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the operator can say is documented, and each of it has been seen on a cluster. */
class ReasonsTest {

  /** Those that no test provokes, and why. */
  private static final Map<Reason, String> NOT_PROVOKED =
      Map.of(
          Reason.CREATING,
          "lasts for a moment, and is told by the deed Created: nothing remains to be looked for");

  @Test
  void eachIsInTheTableOfTheDocumentation() throws IOException {
    // When
    String page = Files.readString(Path.of("../docs/api.md"));

    // Then
    assertThat(Reason.values())
        .allSatisfy(reason -> assertThat(page).contains("| `%s` | ".formatted(reason.word())));
    assertThat(EventReason.values())
        .allSatisfy(reason -> assertThat(page).contains("| `%s` | ".formatted(reason.word())));
  }

  @Test
  void eachIsProvokedByATest() {
    // Given
    Set<Reason> expected = EnumSet.allOf(Reason.class);
    expected.removeAll(NOT_PROVOKED.keySet());

    // When
    Set<Reason> provoked = provoked(Provokes::value);

    // Then
    assertThat(provoked).isEqualTo(expected);
  }

  @Test
  void soIsEachDeed() {
    // When
    Set<EventReason> provoked = provoked(Provokes::deeds);

    // Then
    assertThat(provoked).containsExactlyInAnyOrder(EventReason.values());
  }

  private static <T> Set<T> provoked(Function<Provokes, T[]> what) {
    return new ClassFileImporter()
        .importPackages("dev.postgresinstance.tests").stream()
            .map(JavaClass::getMethods)
            .flatMap(Set::stream)
            .filter(method -> method.isAnnotatedWith(Provokes.class))
            .flatMap(
                method -> Arrays.stream(what.apply(method.getAnnotationOfType(Provokes.class))))
            .collect(Collectors.toSet());
  }
}
