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

/** Records the requests of the operator to the API server, by verb and kind. */
public final class Recorder implements Interceptor {

  // …/v1/namespaces/NAMESPACE/KIND/NAME/SUBRESOURCE; the namespace and the parts after the kind are
  // optional
  private static final Pattern PATH =
      Pattern.compile(
          "/apis?/(?:[^/]+/)?v[^/]+/(?:namespaces/(?<namespace>[^/]+)/)?(?<kind>[^/]+)"
              + "(?:/(?<name>[^/]+))?(?:/(?<subresource>[^/]+))?");

  /** Matches the query parameter only, not a label selector that contains the same text. */
  private static final Pattern IS_WATCH = Pattern.compile("(^|&)watch=true");

  private static final int SWITCHING_PROTOCOLS = 101;

  /**
   * The label selectors of the operator's own objects, and of Secrets that users label for the
   * operator.
   */
  private static final Pattern OPERATOR_LABEL =
      Pattern.compile(
          "(^|&)labelSelector=(app\\.kubernetes\\.io/managed-by=postgres-instance-operator"
              + "|postgresinstance\\.dev/[^&]+)(&|$)");

  private final Set<String> used = ConcurrentHashMap.newKeySet();
  private final Set<String> reads = ConcurrentHashMap.newKeySet();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final Queue<WithoutPrecondition> withoutPrecondition = new ConcurrentLinkedQueue<>();

  /** A request that changes an object without naming its uid or its resource version. */
  private record WithoutPrecondition(Request request, String missing) {}

  /**
   * One request; {@code kind} is the plural name, with the subresource: {@code services/status}.
   */
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
    Preconditions.missing(sent, request.bodyString())
        .ifPresent(missing -> withoutPrecondition.add(new WithoutPrecondition(sent, missing)));
  }

  /** Fails if a change in the given namespace lacked a precondition. */
  void assertPreconditionsIn(String namespace) {
    assertThat(withoutPrecondition)
        .as("changes without a precondition, as the uid and the resource version of the object")
        .filteredOn(sent -> namespace.equals(sent.request().namespace()))
        .isEmpty();
  }

  /** Fails if any change so far lacked a precondition. */
  void assertPreconditions() {
    assertThat(withoutPrecondition)
        .as("changes without a precondition, as the uid and the resource version of the object")
        .isEmpty();
  }

  /** Whether the request is a watch. */
  public static boolean isWatch(String method, URI uri) {
    return parse(method, uri).verb().equals("watch");
  }

  /** The permissions that the successful requests used, such as {@code list pods}. */
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
      used.add("create " + sent.kind()); // an apply that created the object
    }
  }

  /**
   * Fails if a query for Secrets had no label selector: the operator may only read Secrets by name
   * or by its own labels.
   */
  void assertSecretsWereReadOneByOne() {
    assertThat(reads)
        .as("queries for Secrets")
        .allMatch(read -> OPERATOR_LABEL.matcher(read.substring(read.indexOf('?') + 1)).find());
  }

  /** The number of requests that used the given permission, in any namespace. */
  public long count(Permission permission) {
    return requests.stream()
        .filter(request -> permission.toString().equals(request.verb() + " " + request.kind()))
        .count();
  }

  /** Forgets the requests in the given namespace so far. */
  public void clearIn(String namespace) {
    requests.removeIf(request -> namespace.equals(request.namespace()));
  }

  /** All requests that could have changed an object in the given namespace. */
  public List<Request> writesIn(String namespace) {
    return requests.stream()
        .filter(request -> request.writes() && namespace.equals(request.namespace()))
        .toList();
  }

  /** Waits until the operator has written nothing in the namespace for three seconds. */
  public void waitUntilQuietIn(String namespace) {
    Eventually.that(
        "the operator is quiet",
        () ->
            assertThat(writesIn(namespace))
                .filteredOn(request -> request.at().isAfter(Instant.now().minusSeconds(3)))
                .isEmpty());
  }

  /** The number of watches started so far, of any kind. */
  public long watches() {
    return requests.stream().filter(request -> request.verb().equals("watch")).count();
  }

  /** The number of requests per verb and kind in the given namespace. */
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
