package dev.postgresinstance.operator.sql;

import static dev.postgresinstance.operator.sql.ScriptedLogins.LOGGED_IN;
import static dev.postgresinstance.operator.sql.ScriptedLogins.NEXT_REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.REQUEST;
import static dev.postgresinstance.operator.sql.ScriptedLogins.STARTING;
import static dev.postgresinstance.operator.sql.ScriptedLogins.configured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which result a reconciliation reads, and when one is requested. */
class LoginMonitorTest {

  private final ScriptedLogins logins = new ScriptedLogins();

  @AfterEach
  void stop() {
    logins.close();
  }

  @Test
  void reportsPendingBeforeFirstLoginEnds() {
    // Given
    logins.script((request, input) -> logins.hang());

    // When
    LoginResult result = logins.lastResult("orders", REQUEST);

    // Then
    assertThat(result).isEqualTo(new Pending());
  }

  @Test
  void requestsReconciliationWhenFirstLoginEnds() {
    // Given
    logins.script((request, input) -> LOGGED_IN);

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> logins.changed().contains("orders"));
    assertThat(logins.lastResult("orders", REQUEST)).isEqualTo(LOGGED_IN);
  }

  @Test
  void requestsNoReconciliationWhileResultStaysTheSame() {
    // Given
    logins.script((request, input) -> STARTING);

    // When
    logins.lastResult("orders", REQUEST);

    // Then: several logins, one reconciliation
    await().until(() -> logins.calls(REQUEST) >= 4);
    assertThat(logins.changed()).containsExactly("orders");
  }

  @Test
  void requestsReconciliationForEachNewResult() {
    // Given
    logins.script(
        (request, input) ->
            switch (logins.calls(request)) {
              case 1, 2 -> new Unreachable("refused");
              case 3 -> STARTING;
              default -> LOGGED_IN;
            });

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    await().until(() -> logins.changed().size() >= 3);
    assertThat(logins.changed()).containsExactly("orders", "orders", "orders");
  }

  @Test
  void runsOneLoginAtATimePerInstance() {
    // Given: a login that does not end
    logins.script((request, input) -> logins.hang());
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.calls(REQUEST) == 1);

    // When
    for (int i = 0; i < 100; i++) {
      logins.lastResult("orders", REQUEST);
    }

    // Then: the login of another instance has run meanwhile
    logins.script((request, input) -> LOGGED_IN);
    logins.lastResult("crm", NEXT_REQUEST);
    await().until(() -> logins.changed().contains("crm"));
    assertThat(logins.calls(REQUEST)).isEqualTo(1);
  }

  @Test
  void reportsPendingForRestartedContainer() {
    // Given
    logins.script((request, input) -> request.equals(REQUEST) ? LOGGED_IN : logins.hang());
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));

    // When: the container was restarted
    LoginResult result = logins.lastResult("orders", NEXT_REQUEST);

    // Then
    assertThat(result).isEqualTo(new Pending());
  }

  @Test
  void ignoresLateResultOfEarlierRequest() {
    // Given
    CountDownLatch answered = new CountDownLatch(1);
    logins.script(
        (request, input) -> {
          if (request.equals(REQUEST)) {
            logins.hang();
            answered.countDown();
            return LOGGED_IN;
          }
          return STARTING;
        });
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.calls(REQUEST) == 1);
    logins.lastResult("orders", NEXT_REQUEST);

    // When
    logins.endHangingLogins();

    // Then
    await().until(() -> answered.getCount() == 0);
    await().until(() -> logins.calls(NEXT_REQUEST) >= 3);
    assertThat(logins.lastResult("orders", NEXT_REQUEST)).isEqualTo(STARTING);
    assertThat(logins.calls(REQUEST)).isEqualTo(1);
  }

  @Test
  void keepsResultWhenOnlyTasksChange() {
    // Given
    logins.script((request, input) -> request.equals(REQUEST) ? LOGGED_IN : logins.hang());
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));

    // When
    LoginResult result = logins.lastResult("orders", configured("bb"));

    // Then
    assertThat(result).isEqualTo(LOGGED_IN);
  }

  @Test
  void endsLoginsOfForgottenInstance() {
    // Given
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.calls(REQUEST) >= 2);

    // When
    logins.forget("orders");

    // Then: one login may have begun; no other follows while another instance logs in several times
    int before = logins.calls(REQUEST);
    logins.lastResult("crm", NEXT_REQUEST);
    await().until(() -> logins.calls(NEXT_REQUEST) >= 5);
    assertThat(logins.calls(REQUEST)).isLessThanOrEqualTo(before + 1);
  }

  @Test
  void startsOverAfterInstanceWasForgotten() {
    // Given
    logins.script((request, input) -> LOGGED_IN);
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    logins.script((request, input) -> logins.hang());

    // When
    logins.forget("orders");

    // Then
    assertThat(logins.lastResult("orders", REQUEST)).isEqualTo(new Pending());
  }

  @Test
  void reportsPendingAfterClose() {
    // Given
    logins.close();

    // When
    LoginResult result = logins.lastResult("orders", REQUEST);

    // Then
    assertThat(result).isEqualTo(new Pending());
  }
}
