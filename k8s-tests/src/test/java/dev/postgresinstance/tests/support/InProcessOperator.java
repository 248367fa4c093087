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

/** The operator in the JVM of the tests: its stack traces and its requests can be seen. */
final class InProcessOperator implements OperatorUnderTest {

  /** Here it is the same user as the tests. */
  private static final String USER_AGENT = "postgres-instance-operator";

  private final Recorder recorder = new Recorder();
  private final AtomicReference<String> fatal = new AtomicReference<>();
  private boolean granted;
  private RunningOperator running;

  @Override
  public void start() {
    start(config(), Map.of("recorder", recorder));
  }

  @Override
  public void startBehind(Interceptor interceptor) {
    // Not for all tests: such watches stumble over letters that are not ASCII.
    start(config().withOnlyHttpWatches(true), Map.of("recorder", recorder, "between", interceptor));
  }

  @Override
  public void startVia(Toxiproxy way) {
    start(config().withMasterUrl(way.url()), Map.of("recorder", recorder));
  }

  private static ConfigBuilder config() {
    return new ConfigBuilder(TestCluster.config())
        .withUserAgent(USER_AGENT)
        .withImpersonateUsername(Rights.USER);
  }

  private void start(ConfigBuilder config, Map<String, Interceptor> interceptors) {
    InstalledOperator.switchOff();
    if (!granted) {
      Rights.grant();
      granted = true; // a test may start it with fewer
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
      throw new AssertionError("the operator's process would have ended: " + why);
    }
  }

  @Override
  public void close() {
    stop();
    Rights.report(recorder.used());
    recorder.assertSecretsWereReadOneByOne();
    Rights.revoke();
    recorder.assertGuarded();
  }

  @Override
  public void upgrade(String image, String postgresImage) {
    throw new UnsupportedOperationException(
        "the operator in this JVM is no image; tag such a test `installed-only`");
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
    // Surefire's configuration sends the log of this JVM there.
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
  public GrantedRights rights() {
    return new GrantedRights(Rights.role(), Rights.USER);
  }

  @Override
  public boolean sent(AuditLog.Request write) {
    return write.agent().equals(USER_AGENT);
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    // Addresses of Services are not routed to this machine.
    environment.put("DATABASE_ACCESS", "NodePort");
    environment.put("HEALTH_PORT", "0");
    Settings.postgresImage().ifPresent(image -> environment.put("POSTGRES_IMAGES", "17=" + image));
    return environment;
  }
}
