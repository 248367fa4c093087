package dev.postgresinstance.tests.support;

import dev.postgresinstance.operator.Main;
import dev.postgresinstance.operator.OperatorConfig;
import dev.postgresinstance.operator.RunningOperator;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** The operator in the JVM of the tests: tests can see its stack traces and its requests. */
final class InProcessOperator implements OperatorUnderTest {

  /**
   * Identifies the operator's requests: in-process it authenticates as the same user as the tests.
   */
  private static final String USER_AGENT = "postgres-instance-operator";

  private final Recorder recorder = new Recorder();
  private final AtomicReference<String> fatal = new AtomicReference<>();
  private boolean permissionsGranted;
  private RunningOperator running;

  @Override
  public void start() {
    start(config(), Map.of("recorder", recorder));
  }

  @Override
  public void startBehind(Interceptor interceptor) {
    // Only where an interceptor needs it: watches over plain HTTP fail on non-ASCII characters.
    start(config().withOnlyHttpWatches(true), Map.of("recorder", recorder, "between", interceptor));
  }

  @Override
  public void startVia(Toxiproxy proxy) {
    start(config().withMasterUrl(proxy.url()), Map.of("recorder", recorder));
  }

  private static ConfigBuilder config() {
    return new ConfigBuilder(TestCluster.config())
        .withUserAgent(USER_AGENT)
        .withImpersonateUsername(Permissions.USER);
  }

  private void start(ConfigBuilder config, Map<String, Interceptor> interceptors) {
    InstalledOperator.scaleDown();
    if (!permissionsGranted) {
      Permissions.grant();
      permissionsGranted =
          true; // grant only once: a test may restart the operator with fewer permissions
    }
    Crd.apply(TestCluster.client());
    running =
        Main.start(
            OperatorConfig.fromEnvironment(environment()),
            config.build(),
            http -> interceptors.forEach(http::addOrReplaceInterceptor),
            fatal::set);
  }

  @Override
  public void stop() {
    if (running != null) {
      running.close();
      running = null;
    }
    String why = fatal.getAndSet(null);
    if (why != null) {
      throw new AssertionError("the operator process would have exited: " + why);
    }
  }

  @Override
  public void close() {
    stop();
    Permissions.report(recorder.used());
    recorder.assertSecretsWereReadOneByOne();
    Permissions.revoke();
    recorder.assertPreconditions();
  }

  @Override
  public void upgrade(String image, String postgresImage) {
    throw new UnsupportedOperationException(
        "the in-process operator has no image; tag this test `installed-only`");
  }

  @Override
  public boolean isAlive() {
    URI livez = URI.create("http://127.0.0.1:%d/livez".formatted(running.healthPort()));
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
                  HttpRequest.newBuilder(livez).timeout(Duration.ofSeconds(5)).build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String logs() {
    // The Surefire configuration writes the log of this JVM to this file.
    String file = System.getProperty("operator.log");
    if (file == null) {
      return "";
    }
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Recorder recorder() {
    return recorder;
  }

  @Override
  public GrantedPermissions permissions() {
    return new GrantedPermissions(Permissions.role(), Permissions.USER);
  }

  @Override
  public boolean sent(AuditLog.Request write) {
    return write.agent().equals(USER_AGENT);
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    Settings.operatorImage().ifPresent(image -> environment.put("OPERATOR_IMAGE", image));
    // This machine has no route to the ClusterIPs of Services.
    environment.put("DATABASE_ACCESS", "NodePort");
    environment.put("HEALTH_PORT", "0");
    Settings.postgresImage().ifPresent(image -> environment.put("POSTGRES_IMAGES", "17=" + image));
    return environment;
  }
}
