package dev.postgresinstance.operator.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogContextTest {

  private static final Logger log = LoggerFactory.getLogger(LogContextTest.class);
  private static final ResourceID ORDERS = new ResourceID("orders", "shop");
  private static final ResourceID CUSTOMERS = new ResourceID("customers", "crm");

  @Test
  void marksLinesUntilTheWorkEnds() {
    try (LogLines lines = new LogLines(LogContextTest.class)) {
      // When
      LogContext.about(ORDERS, () -> log.info("during"));
      log.info("after");

      // Then
      assertThat(lines.about(ORDERS)).containsExactly("during");
    }
  }

  @Test
  void marksLinesWithOuterInstanceAgainAfterNestedWork() {
    try (LogLines lines = new LogLines(LogContextTest.class)) {
      // When
      LogContext.about(
          ORDERS,
          () -> {
            LogContext.about(CUSTOMERS, () -> log.info("nested"));
            log.info("outer");
          });

      // Then
      assertThat(lines.about(CUSTOMERS)).containsExactly("nested");
      assertThat(lines.about(ORDERS)).containsExactly("outer");
    }
  }
}
