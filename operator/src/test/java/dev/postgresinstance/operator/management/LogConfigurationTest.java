package dev.postgresinstance.operator.management;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import org.junit.jupiter.api.Test;

class LogConfigurationTest {

  @Test
  void writesMessageWithLineBreaksInOneLine() {
    // When
    String line = textOf("FATAL: no\n2026-01-01T00:00:00.000Z INFO  Main - Stopped", null);

    // Then
    assertThat(line.lines())
        .singleElement()
        .asString()
        .endsWith(" INFO  Orders - FATAL: no 2026-01-01T00:00:00.000Z INFO  Main - Stopped");
  }

  @Test
  void writesStackTraceInLinesOfItsOwn() {
    // When
    String line = textOf("Reconciliation failed", new IllegalStateException("defect"));

    // Then
    assertThat(line).contains("- Reconciliation failed\n").contains("\n\tat ");
  }

  private static String textOf(String message, Throwable failure) {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    Logger logger = context.getLogger("shop.Orders");
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern(LogConfiguration.LINE);
    layout.start();
    return layout.doLayout(
        new LoggingEvent(Logger.class.getName(), logger, Level.INFO, message, failure, null));
  }
}
