package dev.postgresinstance.operator.management;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.function.Supplier;
import org.slf4j.MDC;

/** Marks what is logged as being about an instance. */
public final class LogContext {

  private static final String NAMESPACE = "namespace";
  private static final String NAME = "name";

  private LogContext() {}

  /** The same with nothing that comes of it. */
  public static void about(ResourceID instance, Runnable work) {
    about(
        instance,
        () -> {
          work.run();
          return true;
        });
  }

  /** Does the work; each line of the log has that instance's namespace and name meanwhile. */
  public static <T> T about(ResourceID instance, Supplier<T> work) {
    MDC.put(NAMESPACE, instance.getNamespace().orElse(""));
    MDC.put(NAME, instance.getName());
    try {
      return work.get();
    } finally {
      MDC.remove(NAMESPACE);
      MDC.remove(NAME);
    }
  }
}
