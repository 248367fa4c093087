package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Checks that the reasons declared by {@link CoversReasons} really occurred in the test. */
final class ReasonCoverage {

  private ReasonCoverage() {}

  /**
   * Waits until each reason occurs on one of the instances, because Events are written later, or
   * has occurred on a backup.
   */
  static void check(ExtensionContext context, List<Instance> instances) {
    CoversReasons covers = context.getRequiredTestMethod().getAnnotation(CoversReasons.class);
    if (covers != null) {
      List<String> expected =
          Stream.concat(
                  Arrays.stream(covers.value()).map(Reason::word),
                  Arrays.stream(covers.events()).map(EventReason::word))
              .toList();
      Eventually.that(
          "the operator has reported the reasons " + expected,
          () -> assertThat(reasons(instances)).containsAll(expected));
    }
  }

  private static Set<String> reasons(List<Instance> instances) {
    return Stream.concat(
            Backup.seenReasons().stream(),
            instances.stream().flatMap(instance -> instance.reasons().stream()))
        .collect(Collectors.toSet());
  }
}
