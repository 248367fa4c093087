package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.ScriptedLogins.LOGGED_IN;
import static dev.postgresinstance.operator.sql.ScriptedLogins.NEXT_REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.STARTING;
import static dev.postgresinstance.operator.sql.ScriptedLogins.configured;
import static dev.postgresinstance.operator.sql.ScriptedLogins.loaded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import dev.postgresinstance.operator.sql.ScriptedLogins.MeasuringTask;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When logins run, and that slow servers delay no other instance. */
class LoginMonitorScheduleTest {

  private final ScriptedLogins logins = new ScriptedLogins();

  @AfterEach
  void stop() {
    logins.close();
  }

  @Test
  void repeatsLoginSoonUntilTasksHaveRun() {
    // Given
    logins.script(
        (request, input) ->
            logins.calls(request) == 1 ? new LoggedIn("17.6", ServerFindings.NONE) : LOGGED_IN);

    // When
    logins.lastResult("orders", REQUEST);

    // Then: without findings the login counts, and the next one follows soon
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    assertThat(logins.calls(REQUEST)).isEqualTo(2);
  }

  @Test
  void repeatsLoginSoonUntilConfigurationIsLoaded() {
    // Given
    logins.script((request, input) -> loaded(logins.calls(request) < 4 ? "aa" : "bb", false));

    // When
    logins.lastResult("orders", configured("bb"));

    // Then
    await().until(() -> logins.lastResult("orders", configured("bb")).equals(loaded("bb", false)));
    assertThat(logins.calls(configured("bb"))).isEqualTo(4);
  }

  @Test
  void refreshesFindingOncePerIntervalHoweverOftenLoginsRun() {
    // Given: a rejected login, which is repeated soon
    List<Boolean> measured = new CopyOnWriteArrayList<>();
    logins.script(
        (request, input) -> {
          measured.add(input.due().contains(MeasuringTask.SIZE));
          return new LoginRejected(
              "53300",
              "FATAL: " + measured.size(),
              ServerFindings.NONE.with(MeasuringTask.SIZE, 10L));
        });

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> measured.size() >= 3);
    assertThat(List.copyOf(measured)).startsWith(true, false, false);
  }

  @Test
  void pausesLoginsWhileProcessMayNotAct() {
    // Given
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.calls(REQUEST) >= 2);

    // When
    logins.setMayAct(false);

    // Then: only a login that had begun may still end
    int before = logins.calls(REQUEST);
    await()
        .during(Duration.ofSeconds(1))
        .until(() -> logins.calls(REQUEST), calls -> calls <= before + 1);
    logins.setMayAct(true);
    await().until(() -> logins.calls(REQUEST) >= before + 3);
  }

  @Test
  void manyUnreachableServersDoNotDelayOtherInstances() {
    // Given: fifty servers, each of which blocks a thread for a second
    logins.script(
        (request, input) -> {
          if (request.equals(NEXT_REQUEST)) {
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            return new Unreachable("timed out");
          }
          return STARTING; // repeated soon
        });
    for (int number = 0; number < 50; number++) {
      logins.lastResult("unreachable-" + number, NEXT_REQUEST);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> logins.calls(NEXT_REQUEST) > 50);

    // When
    logins.lastResult("orders", REQUEST);

    // Then: behind the others, each of the five would wait for six seconds
    await().atMost(Duration.ofSeconds(20)).until(() -> logins.calls(REQUEST) >= 5);
  }

  @Test
  void slowServersDoNotDelayOtherInstances() {
    // Given: as many servers as threads; each accepts the login late, and then never answers
    logins.script(
        (request, input) -> {
          if (request.equals(REQUEST) && logins.calls(REQUEST) > 8) {
            return logins.hang();
          }
          await().pollDelay(Duration.ofMillis(2100)).until(() -> true);
          return new LoggedIn("17.6", ServerFindings.NONE);
        });
    for (int number = 0; number < 8; number++) {
      logins.lastResult("slow-" + number, REQUEST);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> logins.calls(REQUEST) >= 16);

    // When
    logins.lastResult("orders", NEXT_REQUEST);

    // Then
    await().until(() -> logins.calls(NEXT_REQUEST) == 1);
  }

  @Test
  void hangingLoginsDoNotDelayOtherInstances() {
    // Given: one hanging login less than threads
    logins.script((request, input) -> request.equals(REQUEST) ? logins.hang() : LOGGED_IN);
    for (int i = 0; i < 7; i++) {
      logins.lastResult("hanging-" + i, REQUEST);
    }
    await().until(() -> logins.calls(REQUEST) == 7);

    // When
    logins.lastResult("orders", NEXT_REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", NEXT_REQUEST).equals(LOGGED_IN));
  }
}
