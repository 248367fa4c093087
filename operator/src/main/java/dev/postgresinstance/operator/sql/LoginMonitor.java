package dev.postgresinstance.operator.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats the login to every running instance, on threads of its own. A hung database delays
 * neither a reconciliation nor the login of another instance: servers that give no answer, or a
 * late one, share a second pool. The result of a login is an input of the next reconciliation.
 *
 * <p>After a success the next login follows in 5 to 9 seconds, spread so that many instances do not
 * log in at the same time; with more than 350 instances less often, up to every 25 seconds, since
 * one process should not start more than 50 logins a second. After a failure it follows in a
 * quarter of a second, then after ever longer delays of up to 5 seconds.
 *
 * @param <K> identifies an instance
 */
public final class LoginMonitor<K> implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LoginMonitor.class);
  private static final int THREADS = 8;

  /** A slower login may hang: usually it takes hundredths of a second, or tenths under load. */
  private static final Duration SLOW = Duration.ofSeconds(2);

  /** How soon a process that does not lead checks again whether it leads. */
  private static final Duration RETRY_WHEN_NOT_LEADING = Duration.ofSeconds(1);

  /** The logins end when no reconciliation has asked for the result for this long. */
  private static final Duration FORGET_AFTER = Duration.ofMinutes(5);

  private final Map<K, LoginWatch<K>> watches = new ConcurrentHashMap<>();
  private final ScheduledExecutorService threads;
  private final ScheduledExecutorService slowThreads;
  private final Login login;
  private final Consumer<K> onChange;
  private final BooleanSupplier mayAct;
  private final BiFunction<K, Supplier<LoginResult>, LoginResult> around;

  /**
   * Creates a monitor that logs in to no instance yet.
   *
   * @param onChange called with the key of an instance when the result of its login has changed
   * @param mayAct whether this process may log in now: a session may change the server, so only the
   *     leader logs in
   * @param around runs the login to an instance and returns its result; to measure and log it
   */
  public LoginMonitor(
      Consumer<K> onChange,
      BooleanSupplier mayAct,
      BiFunction<K, Supplier<LoginResult>, LoginResult> around) {
    this(LoginSession::run, onChange, mayAct, around);
  }

  /** One login with its session. */
  @FunctionalInterface
  interface Login {
    LoginResult run(LoginRequest request, LoginSession.Input input);
  }

  LoginMonitor(
      Login login,
      Consumer<K> onChange,
      BooleanSupplier mayAct,
      BiFunction<K, Supplier<LoginResult>, LoginResult> around) {
    this.login = login;
    this.onChange = onChange;
    this.mayAct = mayAct;
    this.around = around;
    this.threads = threads("login-");
    this.slowThreads = threads("login-slow-");
  }

  /**
   * Returns the result of the last login, and repeats the login from now on. The result is {@code
   * Pending} when no login for this request has ended yet.
   *
   * @param key the instance; no two threads may ask for the same one at the same time
   */
  public LoginResult lastResult(K key, LoginRequest request) {
    LoginWatch<K> watch = watches.get(key);
    if (watch == null || !watch.request.equals(request)) {
      watch = watch == null ? new LoginWatch<>(key, request) : watch.successor(request);
      watches.put(key, watch); // before it runs: a watch that is not in the map stops
      schedule(watch, Duration.ZERO);
    }
    watch.lastAsked = Instant.now();
    return watch.result;
  }

  /**
   * Requests something that the next session does once, and starts that session at once. Does
   * nothing if there are no logins to the instance.
   */
  public void request(K key, SessionRequest request) {
    LoginWatch<K> watch = watches.get(key);
    if (watch != null) {
      synchronized (watch) {
        if (watch.requests.add(request) && !watch.running) {
          schedule(watch, Duration.ZERO);
        }
      }
    }
  }

  /** Ends the logins to an instance; a running one is not interrupted. */
  public void forget(K key) {
    watches.remove(key);
  }

  private static ScheduledExecutorService threads(String name) {
    return Executors.newScheduledThreadPool(
        THREADS, Thread.ofPlatform().daemon().name(name, 0).factory());
  }

  /** Ends all logins. */
  @Override
  public void close() {
    threads.shutdownNow();
    slowThreads.shutdownNow();
  }

  /** Schedules the next login in place of the one that was scheduled before, if any. */
  private void schedule(LoginWatch<K> watch, Duration delay) {
    synchronized (watch) {
      watch.turn++;
      int turn = watch.turn;
      // Fifty instances on a lost node would otherwise occupy all threads until their timeouts.
      ScheduledExecutorService pool = watch.isSlow() ? slowThreads : threads;
      if (!pool.isShutdown()) {
        Future<?> unused =
            pool.schedule(() -> run(watch, turn), delay.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void run(LoginWatch<K> watch, int turn) {
    synchronized (watch) {
      if (watches.get(watch.key) != watch || watch.turn != turn) {
        return;
      }
      if (!mayAct.getAsBoolean()) {
        schedule(watch, RETRY_WHEN_NOT_LEADING);
        return;
      }
      if (watch.lastAsked.plus(FORGET_AFTER).isBefore(Instant.now())) {
        watches.remove(watch.key, watch);
        return;
      }
      watch.running = true;
    }
    LoginSession.Input input = watch.input();
    Instant start = Instant.now();
    try {
      watch.result = around.apply(watch.key, () -> login(watch.request, input));
      watch.markRefreshed(input.due());
    } finally {
      synchronized (watch) {
        watch.slow = start.plus(SLOW).isBefore(Instant.now());
        watch.requests.removeAll(input.requests());
        watch.running = false;
        schedule(watch, watch.requests.isEmpty() ? watch.nextDelay(watches.size()) : Duration.ZERO);
      }
    }
    if (!watch.result.equals(input.previous())) {
      onChange.accept(watch.key);
    }
  }

  /** A defect of the operator counts as no answer. */
  private LoginResult login(LoginRequest request, LoginSession.Input input) {
    try {
      return login.run(request, input);
    } catch (RuntimeException | Error e) {
      log.warn("The login failed unexpectedly", e);
      return new LoginResult.Unreachable(e.toString());
    }
  }
}
