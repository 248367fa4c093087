package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.feature.access.SuperuserFindings;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps logging in to every running instance, on threads of its own: a hung database holds neither
 * a pass nor another instance's login, since those that gave no answer, or a late one, have threads
 * for themselves. What came of it is an input of the next pass.
 *
 * <p>After a success the next login follows in 5 to 9 seconds, spread so that many instances do not
 * come at once, and with more than 350 instances less often, up to 25 seconds: 50 logins a second
 * are as many as one process should ask for. After a failure it follows in a quarter of a second,
 * then ever later, up to 5 seconds.
 *
 * @param <K> what names an instance
 */
public final class LoginMonitor<K> implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LoginMonitor.class);
  private static final int THREADS = 8;
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);
  private static final double GROWTH = 1.1;
  private static final long SHORTEST_MILLIS = 7_000;
  private static final long LONGEST_MILLIS = 20_000;

  /** The average interval for each instance that there is. */
  private static final long MILLIS_EACH = 20;

  /** By so much of itself an interval is longer or shorter than the average. */
  private static final double SPREAD = 0.25;

  /** A login takes some hundredths of a second, and on a busy machine some tenths. */
  private static final Duration SLOW = Duration.ofSeconds(2);

  /** How much of a volume is used is asked no more often. */
  private static final Duration MEASURED = Duration.ofSeconds(60);

  /** Whoever may not log in now may soon, or its process ends. */
  private static final Duration LATER = Duration.ofSeconds(1);

  /** An instance of which no pass has asked for so long is gone. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(5);

  static {
    SaltedPasswords.remember(); // before the first verifier is made, which is of the same password
  }

  private final Map<K, Watch> watches = new ConcurrentHashMap<>();
  private final ScheduledExecutorService threads;
  private final ScheduledExecutorService threadsOfTheSilent;
  private final Check check;
  private final Consumer<K> onChange;
  private final BooleanSupplier mayAct;
  private final BiFunction<K, Supplier<LoginResult>, LoginResult> around;

  /**
   * Starts with nothing to do.
   *
   * @param onChange called with an instance's key when what came of its login is another thing than
   *     before
   * @param mayAct whether a login may come now, which may change what it finds
   * @param around has a login done, and may look at it
   */
  public LoginMonitor(
      Consumer<K> onChange,
      BooleanSupplier mayAct,
      BiFunction<K, Supplier<LoginResult>, LoginResult> around) {
    this(LoginSession::of, onChange, mayAct, around);
  }

  /** One login. */
  @FunctionalInterface
  interface Check {
    LoginResult of(LoginRequest request, LoginResult before, Set<SessionRequest> wishes);
  }

  LoginMonitor(
      Check check,
      Consumer<K> onChange,
      BooleanSupplier mayAct,
      BiFunction<K, Supplier<LoginResult>, LoginResult> around) {
    this.check = check;
    this.onChange = onChange;
    this.mayAct = mayAct;
    this.around = around;
    this.threads = threads("login-");
    this.threadsOfTheSilent = threads("login-silent-");
  }

  /**
   * What came of the last login of exactly that request; from now on it is repeated.
   *
   * @param key the instance; the framework runs one pass at a time for each
   */
  public LoginResult last(K key, LoginRequest request) {
    Watch watch = watches.get(key);
    if (watch == null || !watch.request.equals(request)) {
      // A new configuration is no reason to doubt the login.
      boolean same = watch != null && watch.request.isSameLogin(request);
      Watch next = new Watch(key, request, same ? watch.result : new LoginResult.Pending());
      if (same && watch.request.volume() == request.volume()) {
        next.measured = watch.measured;
      }
      next.slow = watch != null && watch.slow;
      watch = next;
      watches.put(key, watch); // before it runs: one that is not in the map ends itself
      schedule(watch, Duration.ZERO);
    }
    watch.asked = Instant.now();
    return watch.result;
  }

  /** Has something done with the next login, which comes at once. */
  public void wish(K key, SessionRequest wish) {
    Watch watch = watches.get(key);
    if (watch != null) {
      synchronized (watch) {
        if (watch.wishes.add(wish) && !watch.running) {
          schedule(watch, Duration.ZERO);
        }
      }
    }
  }

  /** Ends the logins of an instance. */
  public void forget(K key) {
    watches.remove(key);
  }

  private static ScheduledExecutorService threads(String name) {
    return Executors.newScheduledThreadPool(
        THREADS, Thread.ofPlatform().daemon().name(name, 0).factory());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    threadsOfTheSilent.shutdownNow();
  }

  /** In place of the turn that was scheduled before, if there is one. */
  private void schedule(Watch watch, Duration delay) {
    synchronized (watch) {
      watch.turn++;
      int turn = watch.turn;
      // Fifty on a node that is lost would hold all threads for as long as they let them wait.
      ScheduledExecutorService lane = watch.letsWait() ? threadsOfTheSilent : threads;
      if (!lane.isShutdown()) {
        Future<?> unused =
            lane.schedule(() -> run(watch, turn), delay.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void run(Watch watch, int turn) {
    synchronized (watch) {
      if (watches.get(watch.key) != watch || watch.turn != turn) {
        return;
      }
      if (!mayAct.getAsBoolean()) {
        schedule(watch, LATER);
        return;
      }
      if (watch.asked.plus(FORGOTTEN).isBefore(Instant.now())) {
        watches.remove(watch.key, watch);
        return;
      }
      watch.running = true;
    }
    LoginResult before = watch.result;
    Set<SessionRequest> wishes = watch.wishes();
    Instant start = Instant.now();
    try {
      watch.result = around.apply(watch.key, () -> login(watch.request, before, wishes));
      watch.measured(wishes);
    } finally {
      synchronized (watch) {
        watch.slow = start.plus(SLOW).isBefore(Instant.now());
        watch.wishes.removeAll(wishes);
        watch.running = false;
        schedule(watch, watch.wishes.isEmpty() ? watch.nextDelay() : Duration.ZERO);
      }
    }
    if (!watch.result.equals(before)) {
      onChange.accept(watch.key);
    }
  }

  /** A fault of ours is no answer. */
  private LoginResult login(LoginRequest request, LoginResult before, Set<SessionRequest> wishes) {
    try {
      return check.of(request, before, wishes);
    } catch (RuntimeException | Error e) {
      log.warn("the login failed unexpectedly", e);
      return new LoginResult.Unreachable(e.toString());
    }
  }

  /**
   * The time from a login that succeeded to the next.
   *
   * @param instances how many there are
   * @param random from 0 to 1
   */
  static Duration interval(int instances, double random) {
    long average = Math.clamp(instances * MILLIS_EACH, SHORTEST_MILLIS, LONGEST_MILLIS);
    return Duration.ofMillis(Math.round(average * (1 + SPREAD * (2 * random - 1))));
  }

  /** The repeated login of one request. */
  private final class Watch {
    private final K key;
    private final LoginRequest request;
    private volatile LoginResult result;
    private final Set<SessionRequest> wishes = ConcurrentHashMap.newKeySet();
    private volatile Instant measured = Instant.MIN;
    private volatile boolean slow;
    private boolean running;
    private int turn;
    private volatile Instant asked = Instant.now();
    private Duration retry = FIRST_RETRY;

    private Watch(K key, LoginRequest request, LoginResult result) {
      this.key = key;
      this.request = request;
      this.result = result;
    }

    private Set<SessionRequest> wishes() {
      Set<SessionRequest> all = EnumSet.noneOf(SessionRequest.class);
      all.addAll(wishes);
      if (measured.plus(MEASURED).isBefore(Instant.now())) {
        all.add(SessionRequest.MEASURE_VOLUME);
      }
      return all;
    }

    private void measured(Set<SessionRequest> fulfilled) {
      if (fulfilled.contains(SessionRequest.MEASURE_VOLUME)
          && result.findings().systemIdentifier().isPresent()) {
        measured = Instant.now();
      }
    }

    /** Whether it holds a thread for long: it gives no answer, or a late one. */
    private boolean letsWait() {
      return slow
          || wishes.contains(SessionRequest.CHECKPOINT)
          || result instanceof LoginResult.Unreachable;
    }

    /** Whether nothing is expected to change by itself. */
    private boolean isSettled() {
      return result instanceof LoginResult.LoggedIn
          && result.findings().systemIdentifier().isPresent()
          && result.findings().superusers().map(SuperuserFindings::settled).orElse(true)
          && result
              .findings()
              .settings()
              .map(settings -> settings.settled(request.configuration()))
              .orElse(true);
    }

    private Duration nextDelay() {
      if (isSettled()) {
        retry = FIRST_RETRY;
        return interval(watches.size(), ThreadLocalRandom.current().nextDouble());
      }
      Duration delay = retry;
      Duration longer = Duration.ofMillis(Math.round(retry.toMillis() * GROWTH));
      retry = longer.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : longer;
      return delay;
    }
  }
}
