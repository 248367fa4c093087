package dev.postgresinstance.operator.management;

import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Collects the log lines of one class until it is closed. */
public final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;

  /** Starts to collect the lines of a class. */
  public LogLines(Class<?> type) {
    // While another thread initializes logback, SLF4J returns a substitute.
    this.logger =
        (Logger) await().until(() -> LoggerFactory.getLogger(type), Logger.class::isInstance);
    setContext(logger.getLoggerContext());
    start();
    logger.setLevel(Level.INFO);
    logger.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent line) {
    line.prepareForDeferredProcessing(); // reads the log context of this thread
    lines.add(line);
  }

  /** The lines that are marked with an instance. */
  public List<String> about(ResourceID instance) {
    return lines.stream()
        .filter(line -> instance.getName().equals(line.getMDCPropertyMap().get("name")))
        .filter(
            line ->
                instance
                    .getNamespace()
                    .equals(Optional.ofNullable(line.getMDCPropertyMap().get("namespace"))))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(null);
  }
}
