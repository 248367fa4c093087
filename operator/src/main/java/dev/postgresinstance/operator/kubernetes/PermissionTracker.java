package dev.postgresinstance.operator.kubernetes;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
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
 * Tracks the permissions that the API server denied to the operator, until a request that needs
 * them succeeds, and logs each of them once. It sees all responses as an interceptor, because an
 * informer does not report that its list or watch is denied: it retries with a growing delay of at
 * most 32 s and keeps its stale cache.
 */
public final class PermissionTracker implements Interceptor {

  private static final Logger log = LoggerFactory.getLogger(PermissionTracker.class);

  /** Minimum age of a denial: an API server that is starting may briefly deny granted requests. */
  private static final Duration CONFIRMED_AFTER = Duration.ofSeconds(5);

  /** The last part of the paths of our own resources. */
  private static final Set<String> PLURALS =
      Set.of(
          HasMetadata.getPlural(PostgresInstance.class),
          HasMetadata.getPlural(PostgresBackup.class));

  private static final int SWITCHING_PROTOCOLS = 101;

  private static final Pattern PATH =
      Pattern.compile(
          "/apis?/(?:[^/]+/)?v[^/]+/(?:namespaces/(?<namespace>[^/]+)/)?(?<resource>[^/]+)"
              + "(?<name>/[^/]+)?(?<subresource>/[^/]+)?");

  /** Only the parameter itself: a label selector may contain the same text. */
  private static final Pattern IS_WATCH = Pattern.compile("(^|&)watch=true");

  /** Missing permissions, and since when. */
  private final Map<Permission, Instant> missing = new ConcurrentHashMap<>();

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    if (response.isSuccessful() || response.code() == SWITCHING_PROTOCOLS) {
      if (!missing.isEmpty()) {
        permission(request).ifPresent(this::removeMissing);
      }
    } else if (response.code() == HttpURLConnection.HTTP_FORBIDDEN && isFromInformer(request)) {
      permission(request).ifPresent(this::addMissing);
    }
  }

  /**
   * Logs the missing permission, once, if a request failed because of one.
   *
   * @return whether a permission was missing; if not, nothing is logged
   */
  public boolean explain(KubernetesClientException failure) {
    Optional<Permission> permission = Permission.missing(ApiErrors.message(failure));
    permission.ifPresent(this::addMissing);
    return permission.isPresent();
  }

  /** The missing permissions without which the caches of a namespace receive no updates. */
  public Set<Permission> missingForCaches(String namespace) {
    Instant confirmed = Instant.now().minus(CONFIRMED_AFTER);
    return missing.entrySet().stream()
        .filter(entry -> entry.getValue().isBefore(confirmed))
        .map(Map.Entry::getKey)
        .filter(missed -> missed.namespace().isEmpty() || missed.namespace().equals(namespace))
        .filter(missed -> Set.of("list", "watch").contains(missed.verb()))
        .collect(Collectors.toSet());
  }

  private void addMissing(Permission permission) {
    if (missing.putIfAbsent(permission, Instant.now()) == null) {
      log.warn("The operator lacks permission to {}", permission);
    }
  }

  private void removeMissing(Permission permission) {
    if (missing.remove(permission) != null) {
      log.info("The operator has permission to {} again", permission);
    }
  }

  /** Only informers list by label, or list our resources without being the probe of the start. */
  private static boolean isFromInformer(HttpRequest request) {
    String query = query(request);
    String path = request.uri().getPath();
    boolean listsOurs =
        PLURALS.contains(path.substring(path.lastIndexOf('/') + 1)) && !query.equals("limit=1");
    return "GET".equals(request.method()) && (listsOurs || query.contains("labelSelector="));
  }

  private static String query(HttpRequest request) {
    return Optional.ofNullable(request.uri().getQuery()).orElse("");
  }

  /** The permission that a request needs; empty if its path is not that of a resource. */
  private static Optional<Permission> permission(HttpRequest request) {
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
