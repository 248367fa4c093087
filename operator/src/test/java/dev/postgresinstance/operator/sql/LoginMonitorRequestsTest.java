package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.ScriptedLogins.LOGGED_IN;
import static dev.postgresinstance.operator.sql.ScriptedLogins.NEXT_REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.QUICK;
import static dev.postgresinstance.operator.sql.ScriptedLogins.REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.SLOW;
import static dev.postgresinstance.operator.sql.ScriptedLogins.loaded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the next session does once. */
class LoginMonitorRequestsTest {

  private final ScriptedLogins logins = new ScriptedLogins();

  @AfterEach
  void stop() {
    logins.close();
  }

  @Test
  void runsRequestAtOnceAndReportsIt() {
    // Given
    logins.script((request, input) -> loaded("aa", input.requests().contains(SLOW)));
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(loaded("aa", false)));

    // When
    logins.request("orders", SLOW);

    // Then
    await().until(() -> logins.lastResult("orders", REQUEST).equals(loaded("aa", true)));
  }

  @Test
  void runsRequestOnceAndSchedulesNoFurtherLogin() {
    // Given
    AtomicInteger runs = new AtomicInteger();
    logins.script(
        (request, input) -> {
          runs.addAndGet(input.requests().contains(QUICK) ? 1 : 0);
          return LOGGED_IN;
        });
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));

    // When
    logins.request("orders", QUICK);

    // Then: the next regular login follows no sooner than after 5 seconds
    await().until(() -> runs.get() == 1);
    logins.lastResult("crm", NEXT_REQUEST);
    await().until(() -> logins.calls(NEXT_REQUEST) == 1);
    assertThat(logins.calls(REQUEST)).isEqualTo(2);
    assertThat(runs).hasValue(1);
  }

  @Test
  void slowRequestsDoNotDelayOtherInstances() {
    // Given: as many slow requests as threads
    logins.script((request, input) -> input.requests().contains(SLOW) ? logins.hang() : LOGGED_IN);
    for (int number = 0; number < 8; number++) {
      String key = "restarted-" + number;
      logins.lastResult(key, REQUEST);
      await().until(() -> logins.lastResult(key, REQUEST).equals(LOGGED_IN));
      logins.request(key, SLOW);
    }
    await().until(() -> logins.calls(REQUEST) >= 16);

    // When
    logins.lastResult("orders", NEXT_REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", NEXT_REQUEST).equals(LOGGED_IN));
  }
}
