package dev.postgresinstance.operator.management;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What one class logs while this is open. */
public final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;

  /** From now on. */
  public LogLines(Class<?> logs) {
    this.logger = (Logger) LoggerFactory.getLogger(logs);
    setContext(logger.getLoggerContext());
    start();
    logger.setLevel(Level.INFO);
    logger.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent line) {
    line.prepareForDeferredProcessing(); // its mark is that of this thread
    lines.add(line);
  }

  /** The lines that are marked as being about that instance. */
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
