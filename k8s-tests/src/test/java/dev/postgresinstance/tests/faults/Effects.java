package dev.postgresinstance.tests.faults;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * Counts the effects of an operator outside its process, which are requests to the API server and
 * SQL statements, and injects a planned fault at one of them.
 */
final class Effects implements Interceptor {

  private static final Pattern CHANGES =
      Pattern.compile(
          "(?i)\\s*(ALTER|CREATE (?!TEMPORARY)|DROP|GRANT|REVOKE|CHECKPOINT).*"
              + "|.*(pg_reload_conf|close_superuser_access|end_superuser_sessions"
              + "|end_plain_sessions).*",
          Pattern.DOTALL);

  private final Consumer<String> output;
  private volatile Plan plan = new Plan(Fault.NONE, 0);

  /** The faults that can be injected at an effect. */
  enum Fault {
    NONE,
    /** The process halts just before the effect. */
    HALT,
    /** The effect takes place, but the process loses the response. */
    LOSE
  }

  private static final class Plan {
    private final Fault fault;
    private final int at;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong last = new AtomicLong(System.nanoTime());

    private Plan(Fault fault, int at) {
      this.fault = fault;
      this.at = at;
    }
  }

  /**
   * Starts without a plan; writes a line for each effect to the output, with the time since the
   * effect before it or, for the first one, since the plan.
   */
  Effects(Consumer<String> output) {
    this.output = output;
  }

  /** Restarts the count and plans the fault at the effect with the given number. */
  void plan(Fault fault, int at) {
    plan = new Plan(fault, at);
  }

  /**
   * Counts an effect, halts the process if planned, and returns whether the response must be lost.
   */
  private boolean isLost(String what) {
    Plan now = plan;
    int number = now.count.incrementAndGet();
    long moment = System.nanoTime();
    long pause = TimeUnit.NANOSECONDS.toMillis(moment - now.last.getAndSet(moment));
    output.accept("effect %d: %s (after %d ms)".formatted(number, what, pause));
    if (number == now.at && now.fault == Fault.HALT) {
      Runtime.getRuntime().halt(CrashingOperator.HALTED);
    }
    return number == now.at && now.fault == Fault.LOSE;
  }

  /** The HTTP client calls this before it sends a request. */
  @Override
  public AsyncBody.Consumer<List<ByteBuffer>> consumer(
      AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    if (request.method().equals("GET")
        || isDryRun(request)
        || !isLost(request.method() + " " + request.uri().getPath())) {
      return consumer;
    }
    return (bytes, body) -> {
      throw new IOException("the reply is lost");
    };
  }

  private static boolean isDryRun(HttpRequest request) {
    String query = request.uri().getQuery();
    return query != null && query.contains("dryRun=All");
  }

  /** Also counts all SQL statements of this process. */
  void countStatements() throws SQLException {
    Driver postgres = DriverManager.getDriver("jdbc:postgresql://");
    DriverManager.deregisterDriver(postgres);
    DriverManager.registerDriver(new CountingDriver(postgres));
  }

  private final class CountingDriver implements Driver {
    private final Driver driver;

    private CountingDriver(Driver driver) {
      this.driver = driver;
    }

    @Override
    public Connection connect(String url, Properties info) throws SQLException {
      Connection connection = driver.connect(url, info);
      return proxy(
          Connection.class,
          connection,
          (self, method, arguments) -> {
            Object result = invoke(connection, method, arguments);
            return result instanceof Statement statement
                ? statement(method.getReturnType(), statement, arguments)
                : result;
          });
    }

    private Object statement(Class<?> type, Statement statement, Object[] prepared) {
      return proxy(
          type,
          statement,
          (self, method, arguments) -> {
            Object sql = arguments != null && arguments.length > 0 ? arguments[0] : first(prepared);
            if (method.getName().startsWith("execute")
                && sql instanceof String text
                && CHANGES.matcher(text).matches()
                && isLost("SQL " + text.strip().split("\\s+", 3)[0])) {
              invoke(statement, method, arguments);
              throw new SQLException("the reply is lost");
            }
            return invoke(statement, method, arguments);
          });
    }

    private static Object first(Object[] arguments) {
      return arguments == null || arguments.length == 0 ? null : arguments[0];
    }

    private static <T> T proxy(Class<T> type, Object object, InvocationHandler handler) {
      return type.cast(
          Proxy.newProxyInstance(
              object.getClass().getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object invoke(Object object, Method method, Object[] arguments)
        throws Throwable {
      try {
        return method.invoke(object, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    @Override
    public boolean acceptsURL(String url) throws SQLException {
      return driver.acceptsURL(url);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) throws SQLException {
      return driver.getPropertyInfo(url, info);
    }

    @Override
    public int getMajorVersion() {
      return driver.getMajorVersion();
    }

    @Override
    public int getMinorVersion() {
      return driver.getMinorVersion();
    }

    @Override
    public boolean jdbcCompliant() {
      return driver.jdbcCompliant();
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
