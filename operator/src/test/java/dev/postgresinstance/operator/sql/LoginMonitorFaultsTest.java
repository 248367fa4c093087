package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.ScriptedLogins.LOGGED_IN;
import static dev.postgresinstance.operator.sql.ScriptedLogins.REQUEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.management.LogLines;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A defect of the operator ends neither the logins nor their threads. */
class LoginMonitorFaultsTest {

  private final ScriptedLogins logins = new ScriptedLogins();

  @AfterEach
  void stop() {
    logins.close();
  }

  @Test
  void continuesAfterLoginThatThrows() {
    // Given
    logins.script(
        (request, input) -> {
          if (logins.calls(request) == 1) {
            throw new IllegalStateException("a fault");
          }
          return logins.calls(request) == 2 ? new Unreachable("seen") : LOGGED_IN;
        });

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    await().until(() -> logins.changed().size() >= 2);
  }

  @Test
  void reportsExceptionAsUnreachable() {
    // Given
    logins.script(
        (request, input) -> {
          throw new IllegalStateException("a fault");
        });

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await()
        .until(
            () ->
                logins
                    .lastResult("orders", REQUEST)
                    .equals(new Unreachable("java.lang.IllegalStateException: a fault")));
  }

  @Test
  void logsExceptionWithItsInstance() {
    // Given
    ResourceID orders = new ResourceID("orders", "shop");
    logins.script(
        (request, input) -> {
          throw new StackOverflowError("a fault");
        });
    try (LogLines lines = new LogLines(LoginMonitor.class);
        LoginMonitor<ResourceID> monitor =
            new LoginMonitor<>(logins::run, key -> {}, () -> true, LogContext::about)) {

      // When
      monitor.lastResult(orders, REQUEST);

      // Then
      await()
          .untilAsserted(
              () -> assertThat(lines.about(orders)).contains("The login failed unexpectedly"));
    }
  }

  @Test
  void continuesWhenObserverThrows() {
    // Given
    AtomicInteger observed = new AtomicInteger();
    try (LoginMonitor<String> faulty =
        new LoginMonitor<>(
            logins::run,
            key -> {},
            () -> true,
            (key, login) -> {
              observed.incrementAndGet();
              throw new IllegalStateException("a fault");
            })) {

      // When
      faulty.lastResult("orders", REQUEST);

      // Then
      await().until(() -> observed.get() > 2);
    }
  }
}
