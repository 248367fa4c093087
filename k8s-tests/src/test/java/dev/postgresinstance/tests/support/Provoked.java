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

/** Holds a test to the reasons that it says to provoke. */
final class Provoked {

  private Provoked() {}

  /** Waits until each of them was given of one of those instances: events are written beside. */
  static void check(ExtensionContext context, List<Instance> instances) {
    Provokes provokes = context.getRequiredTestMethod().getAnnotation(Provokes.class);
    if (provokes != null) {
      List<String> said =
          Stream.concat(
                  Arrays.stream(provokes.value()).map(Reason::word),
                  Arrays.stream(provokes.deeds()).map(EventReason::word))
              .toList();
      Eventually.that(
          "the test has provoked " + said, () -> assertThat(reasons(instances)).containsAll(said));
    }
  }

  private static Set<String> reasons(List<Instance> instances) {
    return instances.stream()
        .flatMap(instance -> instance.reasons().stream())
        .collect(Collectors.toSet());
  }
}
