package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.postgresinstance.operator.management.LogContext;
import dev.postgresinstance.operator.management.LogLines;
import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Pending;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real schedule with a login that is made up: after a failure it comes again at once. */
class LoginMonitorTest {

  private static final SessionRequest QUICK = SessionRequest.of("quick");
  private static final SessionRequest SLOW = new SessionRequest("slow", Duration.ofSeconds(60));
  private static final ServerFindings FOUND = ServerFindings.NONE.with(MeasuringTask.SIZE, 10L);
  private static final LoginResult LOGGED_IN = new LoggedIn("17.6", FOUND);
  private static final LoginResult STARTING =
      new LoginRejected("57P03", "FATAL: starting up", ServerFindings.NONE);
  private static final LoginRequest REQUEST = request("containerd://1");
  private static final LoginRequest NEXT_REQUEST = request("containerd://2");

  private final List<String> changed = new CopyOnWriteArrayList<>();
  private final Map<LoginRequest, AtomicInteger> calls = new ConcurrentHashMap<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private volatile LoginMonitor.Login check = (request, input) -> STARTING;
  private volatile boolean mayAct = true;
  private final LoginMonitor<String> logins =
      new LoginMonitor<>(this::check, changed::add, () -> mayAct, (key, login) -> login.get());

  @AfterEach
  void stop() {
    never.countDown();
    logins.close();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 5250",
    "1, 1, 8750",
    "350, 0.5, 7000",
    "500, 0.5, 10000",
    "1000, 0, 15000",
    "1000, 1, 25000",
    "5000, 1, 25000"
  })
  void manyInstancesAreAskedLessOften(int instances, double random, long millis) {
    assertThat(LoginWatch.interval(instances, random)).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void firstAnswerIsThatNoneWasTriedYet() {
    // Given
    check = (request, input) -> hang();

    // When
    LoginResult result = logins.lastResult("orders", REQUEST);

    // Then
    assertThat(result).isEqualTo(new Pending());
  }

  @Test
  void resultOfTheLoginFollowsAndAPassIsAskedFor() {
    // Given
    check = (request, input) -> LOGGED_IN;

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> changed.contains("orders"));
    assertThat(logins.lastResult("orders", REQUEST)).isEqualTo(LOGGED_IN);
  }

  @Test
  void sameResultAsksForNoOtherPass() {
    // Given
    check = (request, input) -> STARTING;

    // When
    logins.lastResult("orders", REQUEST);

    // Then: it was tried again and again, and said once
    await().until(() -> calls(REQUEST) >= 4);
    assertThat(changed).containsExactly("orders");
  }

  @Test
  void eachOtherResultAsksForAPass() {
    // Given
    check =
        (request, input) ->
            switch (calls(request)) {
              case 1, 2 -> new Unreachable("refused");
              case 3 -> STARTING;
              default -> LOGGED_IN;
            };

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    await().until(() -> changed.size() >= 3);
    assertThat(changed).containsExactly("orders", "orders", "orders");
  }

  @Test
  void oneLoginAtATimeForAnInstance() {
    // Given: a pass asks often, the login does not end
    check = (request, input) -> hang();
    logins.lastResult("orders", REQUEST);
    await().until(() -> calls(REQUEST) == 1);

    // When
    for (int i = 0; i < 100; i++) {
      logins.lastResult("orders", REQUEST);
    }

    // Then: another instance's login came and went meanwhile
    check = (request, input) -> LOGGED_IN;
    logins.lastResult("crm", NEXT_REQUEST);
    await().until(() -> changed.contains("crm"));
    assertThat(calls(REQUEST)).isEqualTo(1);
  }

  @Test
  void resultIsOfExactlyThatRequest() {
    // Given
    check = (request, input) -> request.equals(REQUEST) ? LOGGED_IN : hang();
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));

    // When: the container was started again
    LoginResult result = logins.lastResult("orders", NEXT_REQUEST);

    // Then
    assertThat(result).isEqualTo(new Pending());
  }

  @Test
  void lateResultOfAnEarlierRequestIsNotTakenForThatOfTheNext() {
    // Given
    CountDownLatch answered = new CountDownLatch(1);
    check =
        (request, input) -> {
          if (request.equals(REQUEST)) {
            hang();
            answered.countDown();
            return LOGGED_IN;
          }
          return STARTING;
        };
    logins.lastResult("orders", REQUEST);
    await().until(() -> calls(REQUEST) == 1);
    logins.lastResult("orders", NEXT_REQUEST);

    // When
    never.countDown();

    // Then
    await().until(() -> answered.getCount() == 0);
    await().until(() -> calls(NEXT_REQUEST) >= 3);
    assertThat(logins.lastResult("orders", NEXT_REQUEST)).isEqualTo(STARTING);
    assertThat(calls(REQUEST)).isEqualTo(1);
  }

  @Test
  void dataThatWasIdentifiedIsNotIdentifiedAgain() {
    // Given
    check =
        (request, input) ->
            calls(request) == 1 ? new LoggedIn("17.6", ServerFindings.NONE) : LOGGED_IN;

    // When
    logins.lastResult("orders", REQUEST);

    // Then: without the identity the login counts, but comes again soon
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    assertThat(calls(REQUEST)).isEqualTo(2);
  }

  @Test
  void newConfigurationIsNoReasonToDoubtTheLogin() {
    // Given
    check = (request, input) -> request.equals(REQUEST) ? LOGGED_IN : hang();
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));

    // When
    LoginResult result = logins.lastResult("orders", configured("bb"));

    // Then
    assertThat(result).isEqualTo(LOGGED_IN);
  }

  @Test
  void loginComesAgainSoonUntilTheConfigurationIsLoaded() {
    // Given
    check = (request, input) -> loaded(calls(request) < 4 ? "aa" : "bb", false);

    // When
    logins.lastResult("orders", configured("bb"));

    // Then
    await().until(() -> logins.lastResult("orders", configured("bb")).equals(loaded("bb", false)));
    assertThat(calls(configured("bb"))).isEqualTo(4);
  }

  @Test
  void checkpointComesAtOnceAndIsToldOf() {
    // Given
    check = (request, input) -> loaded("aa", input.requests().contains(SLOW));
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(loaded("aa", false)));

    // When
    logins.request("orders", SLOW);

    // Then
    await().until(() -> logins.lastResult("orders", REQUEST).equals(loaded("aa", true)));
  }

  @Test
  void wishIsFulfilledOnceAndStartsNoSecondRound() {
    // Given
    AtomicInteger wished = new AtomicInteger();
    check =
        (request, input) -> {
          wished.addAndGet(input.requests().contains(QUICK) ? 1 : 0);
          return LOGGED_IN;
        };
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));

    // When
    logins.request("orders", QUICK);

    // Then: the next one would come in more than half a minute
    await().until(() -> wished.get() == 1);
    logins.lastResult("crm", NEXT_REQUEST);
    await().until(() -> calls(NEXT_REQUEST) == 1);
    assertThat(calls(REQUEST)).isEqualTo(2);
    assertThat(wished).hasValue(1);
  }

  @Test
  void volumeIsMeasuredOnceAMinuteHoweverOftenALoginComes() {
    // Given: a login that comes again at once, because nothing is settled
    List<Boolean> measured = new CopyOnWriteArrayList<>();
    check =
        (request, input) -> {
          measured.add(input.due().contains(MeasuringTask.SIZE));
          return new LoginRejected(
              "53300",
              "FATAL: " + measured.size(),
              ServerFindings.NONE.with(MeasuringTask.SIZE, 10L));
        };

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> measured.size() >= 3);
    assertThat(measured.subList(0, 3)).containsExactly(true, false, false);
  }

  @Test
  void manyThatGiveNoAnswerKeepNoOtherOneWaiting() {
    // Given: fifty, each of which lets a thread wait for a second
    check =
        (request, input) -> {
          if (request.equals(NEXT_REQUEST)) {
            await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
            return new Unreachable("timed out");
          }
          return STARTING; // asked again soon
        };
    for (int number = 0; number < 50; number++) {
      logins.lastResult("silent-" + number, NEXT_REQUEST);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> calls(NEXT_REQUEST) > 50);

    // When
    logins.lastResult("orders", REQUEST);

    // Then: at a quarter of a second, and a tenth more each time
    await().atMost(Duration.ofSeconds(5)).until(() -> calls(REQUEST) >= 5);
  }

  @Test
  void thoseThatAnswerLateHoldNoOtherInstance() {
    // Given: as many as there are threads; each lets in and answers late, and then never
    check =
        (request, input) -> {
          if (request.equals(REQUEST) && calls(REQUEST) > 8) {
            return hang();
          }
          await().pollDelay(Duration.ofMillis(2100)).until(() -> true);
          return new LoggedIn("17.6", ServerFindings.NONE);
        };
    for (int number = 0; number < 8; number++) {
      logins.lastResult("late-" + number, REQUEST);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> calls(REQUEST) >= 16);

    // When
    logins.lastResult("orders", NEXT_REQUEST);

    // Then
    await().until(() -> calls(NEXT_REQUEST) == 1);
  }

  @Test
  void checkpointHoldsNoOtherInstance() {
    // Given: as many as there are threads
    check = (request, input) -> input.requests().contains(SLOW) ? hang() : LOGGED_IN;
    for (int number = 0; number < 8; number++) {
      String key = "restarted-" + number;
      logins.lastResult(key, REQUEST);
      await().until(() -> logins.lastResult(key, REQUEST).equals(LOGGED_IN));
      logins.request(key, SLOW);
    }
    await().until(() -> calls(REQUEST) >= 16);

    // When
    logins.lastResult("orders", NEXT_REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", NEXT_REQUEST).equals(LOGGED_IN));
  }

  @Test
  void whoMayNotActLogsInNoMoreUntilItMayAgain() {
    // Given
    logins.lastResult("orders", REQUEST);
    await().until(() -> calls(REQUEST) >= 2);

    // When
    mayAct = false;

    // Then: but for the one that was under way
    int before = calls(REQUEST);
    await().during(Duration.ofSeconds(1)).until(() -> calls(REQUEST), calls -> calls <= before + 1);
    mayAct = true;
    await().until(() -> calls(REQUEST) >= before + 3);
  }

  @Test
  void forgettingEndsTheLogins() {
    // Given
    logins.lastResult("orders", REQUEST);
    await().until(() -> calls(REQUEST) >= 2);

    // When
    logins.forget("orders");

    // Then: one may be under way; while others go on for several rounds it has no other
    int before = calls(REQUEST);
    logins.lastResult("crm", NEXT_REQUEST);
    await().until(() -> calls(NEXT_REQUEST) >= 5);
    assertThat(calls(REQUEST)).isLessThanOrEqualTo(before + 1);
  }

  @Test
  void forgottenInstanceBeginsAnew() {
    // Given
    check = (request, input) -> LOGGED_IN;
    logins.lastResult("orders", REQUEST);
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    check = (request, input) -> hang();

    // When
    logins.forget("orders");

    // Then
    assertThat(logins.lastResult("orders", REQUEST)).isEqualTo(new Pending());
  }

  @Test
  void faultOfTheCheckIsNoAnswerAndItGoesOn() {
    // Given
    check =
        (request, input) -> {
          if (calls(request) == 1) {
            throw new IllegalStateException("a fault");
          }
          return calls(request) == 2 ? new Unreachable("seen") : LOGGED_IN;
        };

    // When
    logins.lastResult("orders", REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", REQUEST).equals(LOGGED_IN));
    assertThat(changed).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void faultIsLoggedOfItsInstance() {
    // Given
    ResourceID orders = new ResourceID("orders", "shop");
    check =
        (request, input) -> {
          throw new StackOverflowError("a fault");
        };
    try (LogLines lines = new LogLines(LoginMonitor.class);
        LoginMonitor<ResourceID> marked =
            new LoginMonitor<>(this::check, key -> {}, () -> true, LogContext::about)) {

      // When
      marked.lastResult(orders, REQUEST);

      // Then
      await()
          .untilAsserted(
              () -> assertThat(lines.about(orders)).contains("The login failed unexpectedly"));
    }
  }

  @Test
  void faultOfWhatIsAroundItIsNoEnd() {
    // Given
    AtomicInteger times = new AtomicInteger();
    try (LoginMonitor<String> faulty =
        new LoginMonitor<>(
            this::check,
            key -> {},
            () -> true,
            (key, login) -> {
              times.incrementAndGet();
              throw new IllegalStateException("a fault");
            })) {

      // When
      faulty.lastResult("orders", REQUEST);

      // Then
      await().until(() -> times.get() > 2);
    }
  }

  @Test
  void faultIsSaid() {
    // Given
    check =
        (request, input) -> {
          throw new IllegalStateException("a fault");
        };

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
  void hungLoginsHoldNoOtherInstance() {
    // Given: one thread less than there are
    check = (request, input) -> request.equals(REQUEST) ? hang() : LOGGED_IN;
    for (int i = 0; i < 7; i++) {
      logins.lastResult("hung-" + i, REQUEST);
    }
    await().until(() -> calls(REQUEST) == 7);

    // When
    logins.lastResult("orders", NEXT_REQUEST);

    // Then
    await().until(() -> logins.lastResult("orders", NEXT_REQUEST).equals(LOGGED_IN));
  }

  @Test
  void afterItIsClosedItStillAnswers() {
    // Given
    logins.close();

    // When
    LoginResult result = logins.lastResult("orders", REQUEST);

    // Then
    assertThat(result).isEqualTo(new Pending());
  }

  @Test
  void noPasswordIsInTheTextForLogs() {
    // When
    String text = REQUEST.toString();

    // Then
    assertThat(text).contains("app", "pgi_operator").doesNotContain("secret");
  }

  private LoginResult check(LoginRequest request, LoginSession.Input input) {
    calls.computeIfAbsent(request, r -> new AtomicInteger()).incrementAndGet();
    return check.run(request, input);
  }

  private int calls(LoginRequest request) {
    return calls.getOrDefault(request, new AtomicInteger()).get();
  }

  private LoginResult hang() {
    try {
      never.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Unreachable("hung");
  }

  private static LoginRequest request(String server) {
    return request(server, "aa");
  }

  private static LoginRequest configured(String configuration) {
    return request(REQUEST.server(), configuration);
  }

  private static LoginRequest request(String server, String configuration) {
    return new LoginRequest(
        server,
        "10.96.0.7",
        5432,
        "app",
        new Role("app", "secret"),
        new Role("pgi_operator", "secret"),
        LoginRepair.NONE,
        List.of(new LoadingTask(configuration), new MeasuringTask()));
  }

  private static LoginResult loaded(String configuration, boolean requested) {
    return new LoggedIn(
        "17.6",
        ServerFindings.NONE.with(
            LoadingTask.LOADED, new LoadingTask.Loaded(configuration, requested)));
  }

  /** A task that is settled once the server has loaded a configuration. */
  private record LoadingTask(String expected) implements SessionTask<LoadingTask.Loaded> {

    private static final FindingKey<Loaded> LOADED = FindingKey.of(Loaded.class);

    private record Loaded(String configuration, boolean requested) {}

    @Override
    public FindingKey<Loaded> finding() {
      return LOADED;
    }

    @Override
    public Optional<Loaded> run(Session session) {
      throw new AssertionError("the login is replaced");
    }

    @Override
    public boolean isSettled(Loaded loaded) {
      return loaded.configuration().equals(expected);
    }
  }

  /** A task whose finding is refreshed once a minute. */
  private record MeasuringTask() implements SessionTask<Long> {

    private static final FindingKey<Long> SIZE = FindingKey.of(Long.class);

    @Override
    public FindingKey<Long> finding() {
      return SIZE;
    }

    @Override
    public Optional<Long> run(Session session) {
      throw new AssertionError("the login is replaced");
    }

    @Override
    public Duration refreshInterval() {
      return Duration.ofSeconds(60);
    }
  }
}
