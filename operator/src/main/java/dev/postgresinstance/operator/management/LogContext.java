package dev.postgresinstance.operator.management;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.MDC;

/** Marks log lines with the instance that they are about. */
public final class LogContext {

  private static final String NAMESPACE = "namespace";
  private static final String NAME = "name";

  private LogContext() {}

  /** Like {@link #about(ResourceID, Supplier)}, for work without a result. */
  public static void about(ResourceID instance, Runnable work) {
    about(
        instance,
        () -> {
          work.run();
          return true;
        });
  }

  /**
   * Does the work and returns its result; until then, log lines of this thread carry namespace and
   * name of the instance.
   */
  public static <T> T about(ResourceID instance, Supplier<T> work) {
    Map<String, String> outer = Objects.requireNonNullElse(MDC.getCopyOfContextMap(), Map.of());
    MDC.put(NAMESPACE, instance.getNamespace().orElse(""));
    MDC.put(NAME, instance.getName());
    try {
      return work.get();
    } finally {
      MDC.setContextMap(outer);
    }
  }
}
