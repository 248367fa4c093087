package dev.postgresinstance.tests.support;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.AsyncBody.Consumer;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the operator's view of one kind of object stale: watch events are delayed, lost or
 * repeated, or lists are old. Other kinds are not affected. Intercepts watches over plain HTTP
 * only, not over WebSockets.
 */
public final class StaleViews implements Interceptor {

  private static final Duration DELAY = Duration.ofSeconds(3);
  private static final Duration REPLAY_INTERVAL = Duration.ofMillis(200);

  /**
   * The event of an API server that no longer has the resource version from which a watch starts.
   */
  private static final String GONE =
      """
      {"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410}}
      """;

  private static final CompletableFuture<Object> NOW = CompletableFuture.completedFuture(null);

  private final Map<UUID, WatchStream> watches = new ConcurrentHashMap<>();
  private volatile Period period = new Period("", View.FROZEN, "0");

  /** The ways in which a view can be stale. */
  public enum View {
    /** Each event arrives three seconds late. */
    DELAYED,
    /** No event arrives until {@link StaleViews#restore}; then all of them. */
    FROZEN,
    /** After the watch was cut, all events are repeated, one by one. */
    DUPLICATED,
    /** Events are lost; after the watch was cut, it cannot resume at its last resource version. */
    GAP,
    /** No event is lost; after the watch was cut, it cannot resume, and the new list is old. */
    OLD_LIST;

    /** Whether this view takes effect only after {@link StaleViews#cut}. */
    public boolean needsCut() {
      return this == DUPLICATED || this == GAP || this == OLD_LIST;
    }
  }

  /** The period in which a view is stale. */
  private static final class Period {
    private final String kind;
    private final View view;
    private final String before;
    private final CompletableFuture<Object> end = new CompletableFuture<>();
    private final AtomicInteger effects = new AtomicInteger();
    private final Set<String> toWatch = ConcurrentHashMap.newKeySet();
    private final Set<String> toList = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile boolean listed;

    private Period(String kind, View view, String before) {
      this.kind = kind;
      this.view = view;
      this.before = before;
    }

    private boolean affects(Recorder.Request request) {
      return kind.equals(request.kind()) && !end.isDone();
    }

    /** When to deliver an event that arrives now, after the previous one; null means never. */
    private Supplier<CompletableFuture<Object>> due() {
      return switch (view) {
        case DELAYED -> delayed();
        case FROZEN -> counted(() -> end);
        case DUPLICATED -> cut ? counted(() -> after(REPLAY_INTERVAL)) : () -> NOW;
        case GAP -> cut ? () -> NOW : counted(null);
        case OLD_LIST -> listed ? delayed() : () -> NOW;
      };
    }

    private Supplier<CompletableFuture<Object>> delayed() {
      CompletableFuture<Object> due = after(DELAY);
      return counted(() -> due);
    }

    private CompletableFuture<Object> after(Duration time) {
      CompletableFuture<Void> passed =
          CompletableFuture.runAsync(
              () -> {}, CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS));
      return CompletableFuture.anyOf(passed, end);
    }

    private <T> T counted(T due) {
      effects.incrementAndGet();
      return due;
    }
  }

  /** Makes the view of a kind, given by its plural name, stale from now on. */
  public void begin(String kind, View view) {
    String now =
        TestCluster.client()
            .namespaces()
            .list(new ListOptionsBuilder().withLimit(1L).build())
            .getMetadata()
            .getResourceVersion();
    period = new Period(kind, view, now);
  }

  /** Cuts the watches of the kind, as a network failure does. */
  public void cut() {
    Period now = period;
    List<WatchStream> ended =
        watches.values().stream()
            .filter(watch -> now.affects(watch.request) && watch.body != null)
            .toList();
    ended.forEach(watch -> now.toWatch.add(watch.selection()));
    now.cut = true;
    ended.forEach(watch -> watch.body.cancel());
  }

  /** Whether the client has restarted all watches since the cut, with a list where required. */
  public boolean isWatchedAgain() {
    return period.cut && period.toWatch.isEmpty() && period.toList.isEmpty();
  }

  /** Delivers the delayed events in their order, and all later events at once. */
  public void restore() {
    period.end.complete(null);
  }

  /** The number of delayed, lost or repeated events and old lists since {@link #begin}. */
  public int effects() {
    return period.effects.get();
  }

  /** Replaces the requested resource version with an older one, for views that need it. */
  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    Period now = period;
    Recorder.Request parsed = Recorder.parse(request.method(), request.uri());
    if (!now.affects(parsed)) {
      return;
    }
    String selection = selection(request.uri());
    if (parsed.verb().equals("watch")
        && now.view == View.DUPLICATED
        && now.toWatch.remove(selection)) {
      builder.uri(at(request.uri(), now.before));
    } else if (parsed.verb().equals("list") && now.toList.remove(selection)) {
      now.listed = true;
      if (now.view == View.OLD_LIST) {
        now.effects.incrementAndGet();
        builder.uri(URI.create(at(request.uri(), now.before) + "&resourceVersionMatch=Exact"));
      }
    }
  }

  private static URI at(URI uri, String version) {
    return parameters(uri)
        .filter(parameter -> !parameter.startsWith("resourceVersion="))
        .collect(
            Collectors.collectingAndThen(
                Collectors.joining("&", "?", "&resourceVersion=" + version),
                query -> uri.resolve(uri.getRawPath() + query.replace("?&", "?"))));
  }

  private static Stream<String> parameters(URI uri) {
    return uri.getRawQuery() == null ? Stream.empty() : Stream.of(uri.getRawQuery().split("&"));
  }

  /** Identifies the set of objects of a list or watch: path and selectors. */
  private static String selection(URI uri) {
    return parameters(uri)
        .filter(parameter -> parameter.contains("Selector="))
        .collect(Collectors.joining("&", uri.getPath() + "?", ""));
  }

  @Override
  public Consumer<List<ByteBuffer>> consumer(
      Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    Recorder.Request parsed = Recorder.parse(request.method(), request.uri());
    if (!parsed.verb().equals("watch")) {
      return consumer;
    }
    WatchStream stream = new WatchStream(parsed, request.uri(), consumer);
    Period now = period;
    if (now.affects(parsed) && now.toWatch.remove(stream.selection())) {
      now.toList.add(stream.selection());
      stream.gone = true;
    }
    watches.put(request.id(), stream);
    return stream;
  }

  @Override
  public void after(
      HttpRequest request, HttpResponse<?> response, Consumer<List<ByteBuffer>> consumer) {
    WatchStream stream = watches.get(request.id());
    if (stream != null && response.body() instanceof AsyncBody body) {
      stream.body = body;
      if (stream.gone) {
        stream.enqueue(GONE, body);
      }
      CompletableFuture<Void> unused =
          body.done().whenComplete((done, failure) -> watches.remove(request.id()));
    }
  }

  /**
   * Passes the events of one watch to the client in whole lines: the client cannot decode
   * characters that are split between two buffers.
   */
  private final class WatchStream implements Consumer<List<ByteBuffer>> {
    private final Recorder.Request request;
    private final URI uri;
    private final Consumer<List<ByteBuffer>> client;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private CompletableFuture<?> last = NOW;
    private volatile AsyncBody body;
    private volatile boolean gone;

    private WatchStream(Recorder.Request request, URI uri, Consumer<List<ByteBuffer>> client) {
      this.request = request;
      this.uri = uri;
      this.client = client;
    }

    private String selection() {
      return StaleViews.selection(uri);
    }

    @Override
    public void consume(List<ByteBuffer> bytes, AsyncBody from) {
      for (ByteBuffer some : bytes) {
        while (some.hasRemaining()) {
          byte next = some.get();
          line.write(next);
          if (next == '\n') {
            enqueue(line.toString(UTF_8), from);
            line.reset();
          }
        }
      }
      from.consume(); // request more data, even if this event is delivered later
    }

    private void enqueue(String event, AsyncBody from) {
      Period now = period;
      Supplier<CompletableFuture<Object>> due = now.affects(request) ? now.due() : () -> NOW;
      if (due != null) {
        last = last.thenCompose(done -> due.get()).thenRun(() -> deliver(event, from));
      }
    }

    private void deliver(String event, AsyncBody from) {
      if (from.done().isDone()) {
        return; // the client resumes after the last delivered event
      }
      try {
        client.consume(
            List.of(ByteBuffer.wrap(ascii(event).getBytes(US_ASCII))), new ConsumedBody(from));
      } catch (Exception e) {
        from.cancel(); // the client starts a new watch
      }
    }

    private static String ascii(String event) {
      return event
          .chars()
          .mapToObj(c -> c < 128 ? Character.toString(c) : "\\u%04x".formatted(c))
          .collect(Collectors.joining());
    }
  }

  /** A body for the client whose data is requested by {@link WatchStream}, not by the client. */
  private record ConsumedBody(AsyncBody body) implements AsyncBody {

    @Override
    public void consume() {}

    @Override
    public CompletableFuture<Void> done() {
      return body.done();
    }

    @Override
    public void cancel() {
      body.cancel();
    }
  }
}
