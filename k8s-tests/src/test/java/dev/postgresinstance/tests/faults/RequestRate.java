package dev.postgresinstance.tests.faults;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the requests per second, then passes them to the next interceptor. */
final class RequestRate implements Interceptor {

  private final Interceptor next;
  private final Map<Long, Integer> seconds = new ConcurrentHashMap<>();

  /**
   * Starts with no requests.
   *
   * @param next the interceptor that handles the requests
   */
  RequestRate(Interceptor next) {
    this.next = next;
  }

  /**
   * The requests in a period.
   *
   * @param max the number of requests in the busiest second
   */
  record Rate(int all, int max, Duration time) {

    double average() {
      return 1000.0 * all / time.toMillis();
    }

    @Override
    public String toString() {
      return "%d requests in %d s, %.1f on the average second and %d in the worst"
          .formatted(all, time.toSeconds(), average(), max);
    }
  }

  /** The rate from {@code start} until now. */
  Rate since(Instant start) {
    List<Integer> counts =
        seconds.entrySet().stream()
            .filter(second -> second.getKey() >= start.getEpochSecond())
            .map(Map.Entry::getValue)
            .toList();
    return new Rate(
        counts.stream().mapToInt(count -> count).sum(),
        counts.stream().mapToInt(count -> count).max().orElse(0),
        Duration.between(start, Instant.now()));
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    seconds.merge(Instant.now().getEpochSecond(), 1, Integer::sum);
    next.before(builder, request, tags);
  }

  @Override
  public AsyncBody.Consumer<List<ByteBuffer>> consumer(
      AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    return next.consumer(consumer, request);
  }
}
