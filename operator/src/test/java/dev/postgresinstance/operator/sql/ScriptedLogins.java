package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.sql.LoginResult.LoggedIn;
import dev.postgresinstance.operator.sql.LoginResult.LoginRejected;
import dev.postgresinstance.operator.sql.LoginResult.Unreachable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A monitor whose logins run a script in place of a server. Its schedule is the real one. */
final class ScriptedLogins implements AutoCloseable {

  static final SessionRequest QUICK = SessionRequest.of("quick");
  static final SessionRequest SLOW = new SessionRequest("slow", Duration.ofSeconds(60));
  static final LoginResult LOGGED_IN =
      new LoggedIn("17.6", ServerFindings.NONE.with(MeasuringTask.SIZE, 10L));
  static final LoginResult STARTING =
      new LoginRejected("57P03", "FATAL: starting up", ServerFindings.NONE);
  static final LoginRequest REQUEST = request("containerd://1", "aa");
  static final LoginRequest NEXT_REQUEST = request("containerd://2", "aa");

  private final List<String> changed = new CopyOnWriteArrayList<>();
  private final Map<LoginRequest, AtomicInteger> calls = new ConcurrentHashMap<>();
  private final CountDownLatch hanging = new CountDownLatch(1);
  private volatile LoginMonitor.Login script = (request, input) -> STARTING;
  private volatile boolean mayAct = true;
  private final LoginMonitor<String> monitor =
      new LoginMonitor<>(this::run, changed::add, () -> mayAct, (key, login) -> login.get());

  /** The request for the same server with another configuration to load. */
  static LoginRequest configured(String configuration) {
    return request(REQUEST.server(), configuration);
  }

  /** A successful login that found a configuration, and whether the request {@code SLOW} ran. */
  static LoginResult loaded(String configuration, boolean requested) {
    return new LoggedIn(
        "17.6",
        ServerFindings.NONE.with(
            LoadingTask.LOADED, new LoadingTask.Loaded(configuration, requested)));
  }

  /** Sets what a login does; initially the server is starting. */
  void script(LoginMonitor.Login next) {
    script = next;
  }

  void setMayAct(boolean next) {
    mayAct = next;
  }

  /** Runs one login of the script. */
  LoginResult run(LoginRequest request, LoginSession.Input input) {
    calls.computeIfAbsent(request, r -> new AtomicInteger()).incrementAndGet();
    return script.run(request, input);
  }

  /** How many logins have begun for that request, of all instances. */
  int calls(LoginRequest request) {
    return calls.getOrDefault(request, new AtomicInteger()).get();
  }

  /** The instances for which a reconciliation was requested, once for each request. */
  List<String> changed() {
    return changed;
  }

  /** Blocks until {@link #endHangingLogins}. */
  LoginResult hang() {
    try {
      hanging.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new Unreachable("hung");
  }

  void endHangingLogins() {
    hanging.countDown();
  }

  LoginResult lastResult(String key, LoginRequest request) {
    return monitor.lastResult(key, request);
  }

  void request(String key, SessionRequest request) {
    monitor.request(key, request);
  }

  void forget(String key) {
    monitor.forget(key);
  }

  @Override
  public void close() {
    endHangingLogins();
    monitor.close();
  }

  private static LoginRequest request(String server, String configuration) {
    return new LoginRequest(
        server,
        "10.96.0.7",
        5432,
        Optional.empty(),
        "app",
        new Role("app", "secret"),
        new Role("pgi_operator", "secret"),
        LoginRepair.NONE,
        List.of(new LoadingTask(configuration), new MeasuringTask()));
  }

  /** A task that is settled once the server has loaded a configuration. */
  record LoadingTask(String expected) implements SessionTask<LoadingTask.Loaded> {

    static final FindingKey<Loaded> LOADED = FindingKey.of(Loaded.class);

    record Loaded(String configuration, boolean requested) {}

    @Override
    public FindingKey<Loaded> finding() {
      return LOADED;
    }

    @Override
    public Optional<Loaded> run(Session session) {
      throw new AssertionError("the script replaces the login");
    }

    @Override
    public boolean isSettled(Loaded loaded) {
      return loaded.configuration().equals(expected);
    }
  }

  /** A task whose finding is refreshed once a minute. */
  record MeasuringTask() implements SessionTask<Long> {

    static final FindingKey<Long> SIZE = FindingKey.of(Long.class);

    @Override
    public FindingKey<Long> finding() {
      return SIZE;
    }

    @Override
    public Optional<Long> run(Session session) {
      throw new AssertionError("the script replaces the login");
    }

    @Override
    public Duration refreshInterval() {
      return Duration.ofSeconds(60);
    }
  }
}
