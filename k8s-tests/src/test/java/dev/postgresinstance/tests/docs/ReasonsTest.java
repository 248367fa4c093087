package dev.postgresinstance.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.CoversReasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Each reason of a condition or an event is documented and covered by a test on a cluster. */
@Order(0)
class ReasonsTest {

  /** The reasons that no test covers, with the explanation. */
  private static final Map<Reason, String> NOT_COVERED =
      Map.of(
          Reason.CREATING,
          "lasts only for a moment and leaves no trace; the event Created covers it");

  private static final JavaClasses TESTS =
      new ClassFileImporter().importPackages("dev.postgresinstance.tests"); // takes seconds

  @Test
  void eachReasonIsInTheTableOfTheDocumentation() throws IOException {
    // When
    String page = Files.readString(Path.of("../docs/api.md"));

    // Then
    assertThat(Reason.values())
        .allSatisfy(reason -> assertThat(page).contains("| `%s` | ".formatted(reason.word())));
    assertThat(EventReason.values())
        .allSatisfy(reason -> assertThat(page).contains("| `%s` | ".formatted(reason.word())));
  }

  @Test
  void eachConditionReasonIsCoveredByATest() {
    // Given
    Set<Reason> expected = EnumSet.allOf(Reason.class);
    expected.removeAll(NOT_COVERED.keySet());

    // When
    Set<Reason> covered = covered(CoversReasons::value);

    // Then
    assertThat(covered).isEqualTo(expected);
  }

  @Test
  void eachEventReasonIsCoveredByATest() {
    // When
    Set<EventReason> covered = covered(CoversReasons::events);

    // Then
    assertThat(covered).containsExactlyInAnyOrder(EventReason.values());
  }

  private static <T> Set<T> covered(Function<CoversReasons, T[]> what) {
    return TESTS.stream()
        .map(JavaClass::getMethods)
        .flatMap(Set::stream)
        .filter(method -> method.isAnnotatedWith(CoversReasons.class))
        .flatMap(
            method -> Arrays.stream(what.apply(method.getAnnotationOfType(CoversReasons.class))))
        .collect(Collectors.toSet());
  }
}
