package dev.postgresinstance.operator.sql;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The repeated login for one request. Fields that are neither final nor volatile are accessed only
 * while holding the lock of the watch.
 */
final class LoginWatch<K> {

  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);
  private static final double RETRY_GROWTH = 1.1;

  /** Bounds of the average interval after a success. */
  private static final long SHORTEST_MILLIS = 7_000;

  private static final long LONGEST_MILLIS = 20_000;

  /** The average interval is this long for each instance, within the bounds. */
  private static final long MILLIS_PER_INSTANCE = 20;

  /** The largest fraction by which an interval differs from the average. */
  private static final double SPREAD = 0.25;

  final K key;
  final LoginRequest request;
  final Set<SessionRequest> requests = ConcurrentHashMap.newKeySet();
  private final Map<FindingKey<?>, Instant> refreshedAt = new ConcurrentHashMap<>();
  volatile LoginResult result = new LoginResult.Pending();

  /** Whether the last login took long. */
  volatile boolean slow;

  /** Whether a login is running. */
  boolean running;

  /** Number of the login that was scheduled last: an earlier one does not run. */
  int turn;

  /** When a reconciliation asked for the result last. */
  volatile Instant lastAsked = Instant.now();

  private Duration retry = FIRST_RETRY;

  LoginWatch(K key, LoginRequest request) {
    this.key = key;
    this.request = request;
  }

  /**
   * Returns the watch for another request. It starts with the known result if only repair and tasks
   * differ.
   */
  LoginWatch<K> successor(LoginRequest next) {
    LoginWatch<K> successor = new LoginWatch<>(key, next);
    if (request.isSameLogin(next)) {
      successor.result = result;
      next.tasks().stream()
          .filter(request.tasks()::contains)
          .map(SessionTask::finding)
          .filter(refreshedAt::containsKey)
          .forEach(finding -> successor.refreshedAt.put(finding, refreshedAt.get(finding)));
    }
    successor.slow = slow;
    return successor;
  }

  /** What the next session starts from. */
  LoginSession.Input input() {
    Set<FindingKey<?>> due = new HashSet<>();
    for (SessionTask<?> task : request.tasks()) {
      Instant refreshed = refreshedAt.getOrDefault(task.finding(), Instant.MIN);
      if (refreshed.plus(task.refreshInterval()).isBefore(Instant.now())) {
        due.add(task.finding());
      }
    }
    return new LoginSession.Input(result, Set.copyOf(requests), Set.copyOf(due));
  }

  /** Records that a session has refreshed these findings, if it ran all of its tasks. */
  void markRefreshed(Set<FindingKey<?>> due) {
    if (result.findings().isComplete()) {
      due.forEach(finding -> refreshedAt.put(finding, Instant.now()));
    }
  }

  /** Whether the next login may occupy a thread for long. */
  boolean isSlow() {
    return slow
        || requests.stream().anyMatch(SessionRequest::isSlow)
        || result instanceof LoginResult.Unreachable;
  }

  /** Whether nothing is expected to change soon. */
  private boolean isSettled() {
    return result instanceof LoginResult.LoggedIn
        && result.findings().isComplete()
        && request.tasks().stream().allMatch(this::isSettled);
  }

  private <T> boolean isSettled(SessionTask<T> task) {
    return result.findings().get(task.finding()).map(task::isSettled).orElse(true);
  }

  /**
   * Returns the time until the next login, which is longer after each failure.
   *
   * @param instances the number of instances with logins
   */
  Duration nextDelay(int instances) {
    if (isSettled()) {
      retry = FIRST_RETRY;
      return interval(instances, ThreadLocalRandom.current().nextDouble());
    }
    Duration delay = retry;
    Duration longer = Duration.ofMillis(Math.round(retry.toMillis() * RETRY_GROWTH));
    retry = longer.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : longer;
    return delay;
  }

  /**
   * Returns the time from a successful login to the next.
   *
   * @param instances the number of instances with logins
   * @param random from 0 to 1
   */
  static Duration interval(int instances, double random) {
    long average = Math.clamp(instances * MILLIS_PER_INSTANCE, SHORTEST_MILLIS, LONGEST_MILLIS);
    return Duration.ofMillis(Math.round(average * (1 + SPREAD * (2 * random - 1))));
  }
}
