package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The requests of the operator to the API server, by verb and kind. */
public final class Recorder implements Interceptor {

  // …/v1/namespaces/NAMESPACE/KIND/NAME/SUBRESOURCE, where the namespace and what follows the kind
  // may lack
  private static final Pattern PATH =
      Pattern.compile(
          "/apis?/(?:[^/]+/)?v[^/]+/(?:namespaces/(?<namespace>[^/]+)/)?(?<kind>[^/]+)"
              + "(?:/(?<name>[^/]+))?(?:/(?<subresource>[^/]+))?");

  /** A label may be called so, too. */
  private static final Pattern IS_WATCH = Pattern.compile("(^|&)watch=true");

  private static final int SWITCHING_PROTOCOLS = 101;

  /** The labels of the objects that are ours, and of Secrets that are meant for us. */
  private static final Pattern OUR_LABEL =
      Pattern.compile(
          "(^|&)labelSelector=(app\\.kubernetes\\.io/managed-by=postgres-instance-operator"
              + "|postgresinstance\\.dev/[^&]+)(&|$)");

  private final Set<String> used = ConcurrentHashMap.newKeySet();
  private final Set<String> reads = ConcurrentHashMap.newKeySet();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final Queue<Unguarded> unguarded = new ConcurrentLinkedQueue<>();

  /** A request that changes an object and does not say which one it means, or in which state. */
  private record Unguarded(Request request, String lacks) {}

  /** One request; {@code kind} is the plural, with the subresource: {@code services/status}. */
  public record Request(Instant at, String verb, String kind, String namespace, String name) {

    boolean writes() {
      return switch (verb) {
        case "create", "patch", "update", "delete" -> true;
        default -> false;
      };
    }

    @Override
    public String toString() {
      return verb + " " + kind + " " + namespace + "/" + name;
    }
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    Request sent = parse(request.method(), request.uri());
    requests.add(sent);
    if (sent.kind().equals("secrets") && !sent.writes() && sent.name() == null) {
      reads.add(sent.verb() + "?" + request.uri().getQuery());
    }
    Preconditions.lacking(sent, request.bodyString())
        .ifPresent(lacks -> unguarded.add(new Unguarded(sent, lacks)));
  }

  /** Fails where one that changed something in that namespace lacked uid or resource version. */
  void assertGuardedIn(String namespace) {
    assertThat(unguarded)
        .as("changes without the uid or the resource version of what was read")
        .filteredOn(sent -> namespace.equals(sent.request().namespace()))
        .isEmpty();
  }

  /** Fails where any did, ever since. */
  void assertGuarded() {
    assertThat(unguarded)
        .as("changes without the uid or the resource version of what was read")
        .isEmpty();
  }

  /** Whether that request is a watch. */
  public static boolean isWatch(String method, URI uri) {
    return parse(method, uri).verb().equals("watch");
  }

  /** What rights took all the requests that succeeded, as {@code list pods}. */
  Set<String> used() {
    return Set.copyOf(used);
  }

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    Request sent = parse(request.method(), request.uri());
    if (response.isSuccessful() || response.code() == SWITCHING_PROTOCOLS) {
      used.add(sent.verb() + " " + sent.kind());
    }
    if (response.code() == HttpURLConnection.HTTP_CREATED) {
      used.add("create " + sent.kind()); // an apply of what was not there
    }
  }

  /** Secrets are read by name, or those that bear our label: others are none of our business. */
  void assertSecretsWereReadOneByOne() {
    assertThat(reads)
        .as("queries for Secrets")
        .allMatch(read -> OUR_LABEL.matcher(read.substring(read.indexOf('?') + 1)).find());
  }

  /** How often that was asked for, wherever. */
  public long count(Right right) {
    return requests.stream()
        .filter(request -> right.toString().equals(request.verb() + " " + request.kind()))
        .count();
  }

  /** Forgets what has been so far. */
  public void clear() {
    requests.clear();
  }

  /** All that could have changed an object in that namespace. */
  public List<Request> writesIn(String namespace) {
    return requests.stream()
        .filter(request -> request.writes() && namespace.equals(request.namespace()))
        .toList();
  }

  /** Waits until the operator has had nothing to write there for a while. */
  public void waitUntilQuietIn(String namespace) {
    Eventually.that(
        "the operator is quiet",
        () ->
            assertThat(writesIn(namespace))
                .filteredOn(request -> request.at().isAfter(Instant.now().minusSeconds(3)))
                .isEmpty());
  }

  /** How often a watch was begun, of whatever it is. */
  public long watches() {
    return requests.stream().filter(request -> request.verb().equals("watch")).count();
  }

  /** How many there were of each verb and kind in that namespace. */
  public Map<String, Long> countsIn(String namespace) {
    return requests.stream()
        .filter(request -> namespace.equals(request.namespace()))
        .collect(
            Collectors.groupingBy(
                request -> request.verb() + " " + request.kind(), Collectors.counting()));
  }

  static Request parse(String method, URI uri) {
    Matcher path = PATH.matcher(uri.getPath());
    if (!path.matches()) {
      return new Request(Instant.now(), method, uri.getPath(), null, null);
    }
    String subresource = path.group("subresource");
    String kind = path.group("kind") + (subresource == null ? "" : "/" + subresource);
    String name = path.group("name");
    return new Request(
        Instant.now(), verb(method, name, uri.getQuery()), kind, path.group("namespace"), name);
  }

  private static String verb(String method, String name, String query) {
    return switch (method) {
      case "GET" -> {
        if (query != null && IS_WATCH.matcher(query).find()) {
          yield "watch";
        }
        yield name == null ? "list" : "get";
      }
      case "POST" -> "create";
      case "PATCH" -> "patch";
      case "PUT" -> "update";
      case "DELETE" -> "delete";
      default -> method;
    };
  }
}
