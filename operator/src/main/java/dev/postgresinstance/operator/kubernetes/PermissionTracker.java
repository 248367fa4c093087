package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.report.Abort;
import dev.postgresinstance.operator.report.Permission;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rights that the operator was refused and has not used since, each of them told once. What an
 * informer is refused nobody else hears of: it asks again by itself, ever later, up to every 32
 * seconds, and its cache is that of before.
 */
public final class PermissionTracker implements Interceptor {

  private static final Logger log = LoggerFactory.getLogger(PermissionTracker.class);

  /** An API server that has just started may refuse for a moment what is granted. */
  private static final Duration SURE = Duration.ofSeconds(5);

  private static final String PLURAL = HasMetadata.getPlural(PostgresInstance.class);
  private static final int SWITCHING_PROTOCOLS = 101;

  private static final Pattern PATH =
      Pattern.compile(
          "/apis?/(?:[^/]+/)?v[^/]+/(?:namespaces/(?<namespace>[^/]+)/)?(?<resource>[^/]+)"
              + "(?<name>/[^/]+)?(?<subresource>/[^/]+)?");

  /** A label may be called so, too. */
  private static final Pattern IS_WATCH = Pattern.compile("(^|&)watch=true");

  private final Map<Permission, Instant> missing = new ConcurrentHashMap<>();

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    if (response.isSuccessful() || response.code() == SWITCHING_PROTOCOLS) {
      if (!missing.isEmpty()) {
        right(request).ifPresent(this::present);
      }
    } else if (response.code() == HttpURLConnection.HTTP_FORBIDDEN && isOfInformer(request)) {
      right(request).ifPresent(this::absent);
    }
  }

  /** Why a request failed: the words of the API server, or which right is missing. */
  public static String words(KubernetesClientException failure) {
    return Abort.inShort(failure);
  }

  /** Whether a request failed for want of a right, which is told then. */
  public boolean explain(KubernetesClientException failure) {
    Optional<Permission> right = Permission.missing(Abort.words(failure));
    right.ifPresent(this::absent);
    return right.isPresent();
  }

  /** Those without which the operator does not hear of what happens in that namespace. */
  Set<Permission> deaf(String namespace) {
    Instant sure = Instant.now().minus(SURE);
    return missing.entrySet().stream()
        .filter(entry -> entry.getValue().isBefore(sure))
        .map(Map.Entry::getKey)
        .filter(right -> right.namespace().isEmpty() || right.namespace().equals(namespace))
        .filter(right -> Set.of("list", "watch").contains(right.verb()))
        .collect(Collectors.toSet());
  }

  private void absent(Permission right) {
    if (missing.putIfAbsent(right, Instant.now()) == null) {
      log.warn("lacks the right to {}", right);
    }
  }

  private void present(Permission right) {
    if (missing.remove(right) != null) {
      log.info("has the right to {} again", right);
    }
  }

  /** By label, or of our own kind; nothing else reads so. */
  private static boolean isOfInformer(HttpRequest request) {
    String query = query(request);
    boolean all =
        request.uri().getPath().endsWith("/" + PLURAL) && !query.equals("limit=1"); // no probe
    return "GET".equals(request.method()) && (all || query.contains("labelSelector="));
  }

  private static String query(HttpRequest request) {
    return Optional.ofNullable(request.uri().getQuery()).orElse("");
  }

  private static Optional<Permission> right(HttpRequest request) {
    Matcher path = PATH.matcher(request.uri().getPath());
    return path.matches()
        ? Optional.of(
            new Permission(
                verb(request, path.group("name") != null),
                path.group("resource") + Optional.ofNullable(path.group("subresource")).orElse(""),
                Optional.ofNullable(path.group("namespace")).orElse("")))
        : Optional.empty();
  }

  private static String verb(HttpRequest request, boolean named) {
    return switch (request.method()) {
      case "GET" -> named ? "get" : IS_WATCH.matcher(query(request)).find() ? "watch" : "list";
      case "POST" -> "create";
      default -> request.method().toLowerCase(Locale.ROOT);
    };
  }
}
