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
 * What the API server tells the operator of one kind of object is late, or not what it was; all
 * else goes on. It sees watches over plain HTTP only, not over WebSockets.
 */
public final class StaleViews implements Interceptor {

  private static final Duration LATE = Duration.ofSeconds(3);
  private static final Duration PACE = Duration.ofMillis(200);

  /** What an API server says that has forgotten the state which a watch begins with. */
  private static final String GONE =
      """
      {"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 410}}
      """;

  private static final CompletableFuture<Object> NOW = CompletableFuture.completedFuture(null);

  private final Map<UUID, Told> watches = new ConcurrentHashMap<>();
  private volatile Period period = new Period("", View.FROZEN, "0");

  /** How it may be. */
  public enum View {
    /** Each event comes some seconds late. */
    DELAYED,
    /** No event comes, and at the end all of them. */
    FROZEN,
    /** After the watch was cut all events come again, one by one. */
    DUPLICATED,
    /** Events are lost; after the watch was cut it cannot go on where it ended. */
    GAP,
    /** The same without a loss, but what is listed then is as it was before. */
    OLD_LIST;

    /** Whether it needs {@link StaleViews#cut}. */
    public boolean needsCut() {
      return this == DUPLICATED || this == GAP || this == OLD_LIST;
    }
  }

  /** The time of one of them. */
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

    private boolean isAbout(Recorder.Request request) {
      return kind.equals(request.kind()) && !end.isDone();
    }

    /** When an event is told that comes now, once the one before has been; null for never. */
    private Supplier<CompletableFuture<Object>> due() {
      return switch (view) {
        case DELAYED -> late();
        case FROZEN -> counted(() -> end);
        case DUPLICATED -> cut ? counted(() -> after(PACE)) : () -> NOW;
        case GAP -> cut ? () -> NOW : counted(null);
        case OLD_LIST -> listed ? late() : () -> NOW;
      };
    }

    private Supplier<CompletableFuture<Object>> late() {
      CompletableFuture<Object> due = after(LATE);
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

  /** From now on the view of a kind, which is named by its plural, is like that. */
  public void begin(String kind, View view) {
    String now =
        TestCluster.client()
            .namespaces()
            .list(new ListOptionsBuilder().withLimit(1L).build())
            .getMetadata()
            .getResourceVersion();
    period = new Period(kind, view, now);
  }

  /** Ends the watches of the kind, as a network does. */
  public void cut() {
    Period now = period;
    List<Told> ended =
        watches.values().stream()
            .filter(watch -> now.isAbout(watch.request) && watch.body != null)
            .toList();
    ended.forEach(watch -> now.toWatch.add(watch.what()));
    now.cut = true;
    ended.forEach(watch -> watch.body.cancel());
  }

  /** Whether the client has watched again, and listed where it had to, since the cut. */
  public boolean isWatchedAnew() {
    return period.cut && period.toWatch.isEmpty() && period.toList.isEmpty();
  }

  /** Tells what was held back, in its order, and from now on everything at once. */
  public void mend() {
    period.end.complete(null);
  }

  /** How many events were late, lost or repeated, or lists old, since it began. */
  public int effects() {
    return period.effects.get();
  }

  /** Asks for another state than the client does, where that is what is tried. */
  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    Period now = period;
    Recorder.Request asked = Recorder.parse(request.method(), request.uri());
    if (!now.isAbout(asked)) {
      return;
    }
    String what = what(request.uri());
    if (asked.verb().equals("watch") && now.view == View.DUPLICATED && now.toWatch.remove(what)) {
      builder.uri(at(request.uri(), now.before));
    } else if (asked.verb().equals("list") && now.toList.remove(what)) {
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

  /** Of which objects, whether listed or watched. */
  private static String what(URI uri) {
    return parameters(uri)
        .filter(parameter -> parameter.contains("Selector="))
        .collect(Collectors.joining("&", uri.getPath() + "?", ""));
  }

  @Override
  public Consumer<List<ByteBuffer>> consumer(
      Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    Recorder.Request asked = Recorder.parse(request.method(), request.uri());
    if (!asked.verb().equals("watch")) {
      return consumer;
    }
    Told told = new Told(asked, request.uri(), consumer);
    Period now = period;
    if (now.isAbout(asked) && now.toWatch.remove(told.what())) {
      now.toList.add(told.what());
      told.gone = true;
    }
    watches.put(request.id(), told);
    return told;
  }

  @Override
  public void after(
      HttpRequest request, HttpResponse<?> response, Consumer<List<ByteBuffer>> consumer) {
    Told told = watches.get(request.id());
    if (told != null && response.body() instanceof AsyncBody body) {
      told.body = body;
      if (told.gone) {
        told.take(GONE, body);
      }
      CompletableFuture<Void> unused =
          body.done().whenComplete((done, failure) -> watches.remove(request.id()));
    }
  }

  /** What one watch tells the client: whole lines, since it cannot put letters together. */
  private final class Told implements Consumer<List<ByteBuffer>> {
    private final Recorder.Request request;
    private final URI uri;
    private final Consumer<List<ByteBuffer>> client;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private CompletableFuture<?> last = NOW;
    private volatile AsyncBody body;
    private volatile boolean gone;

    private Told(Recorder.Request request, URI uri, Consumer<List<ByteBuffer>> client) {
      this.request = request;
      this.uri = uri;
      this.client = client;
    }

    private String what() {
      return StaleViews.what(uri);
    }

    @Override
    public void consume(List<ByteBuffer> bytes, AsyncBody from) {
      for (ByteBuffer some : bytes) {
        while (some.hasRemaining()) {
          byte next = some.get();
          line.write(next);
          if (next == '\n') {
            take(line.toString(UTF_8), from);
            line.reset();
          }
        }
      }
      from.consume(); // more comes, whenever the client is told of this
    }

    private void take(String event, AsyncBody from) {
      Period now = period;
      Supplier<CompletableFuture<Object>> due = now.isAbout(request) ? now.due() : () -> NOW;
      if (due != null) {
        last = last.thenCompose(done -> due.get()).thenRun(() -> tell(event, from));
      }
    }

    private void tell(String event, AsyncBody from) {
      if (from.done().isDone()) {
        return; // the client goes on after what it has been told of
      }
      try {
        client.consume(List.of(ByteBuffer.wrap(ascii(event).getBytes(US_ASCII))), new Taken(from));
      } catch (Exception e) {
        from.cancel(); // the client watches anew
      }
    }

    private static String ascii(String event) {
      return event
          .chars()
          .mapToObj(c -> c < 128 ? Character.toString(c) : "\\u%04x".formatted(c))
          .collect(Collectors.joining());
    }
  }

  /** Of which more is asked for without the client. */
  private record Taken(AsyncBody body) implements AsyncBody {

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
