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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * Everything by which an operator changes the world outside of its process: requests to the API
 * server, and statements. Counts them, and at one of them has something happen.
 */
final class Effects implements Interceptor {

  private static final Pattern CHANGES =
      Pattern.compile(
          "(?i)\\s*(ALTER|CREATE (?!TEMPORARY)|DROP|GRANT|REVOKE|CHECKPOINT).*"
              + "|.*(pg_reload_conf|close_superuser_access|end_superuser_sessions).*",
          Pattern.DOTALL);

  private final Consumer<String> told;
  private volatile Plan plan = new Plan(Fault.NONE, 0);

  /** What happens at an effect. */
  enum Fault {
    NONE,
    /** The process ends just before it. */
    HALT,
    /** It takes place, and the process does not hear of it. */
    LOSE
  }

  private static final class Plan {
    private final Fault fault;
    private final int at;
    private final AtomicInteger count = new AtomicInteger();

    private Plan(Fault fault, int at) {
      this.fault = fault;
      this.at = at;
    }
  }

  /** None yet; each one is told in a line. */
  Effects(Consumer<String> told) {
    this.told = told;
  }

  /** Begins to count anew; at that effect it happens. */
  void plan(Fault fault, int at) {
    plan = new Plan(fault, at);
  }

  /** Whether its reply is to be lost. */
  private boolean isLost(String what) {
    Plan now = plan;
    int number = now.count.incrementAndGet();
    told.accept("effect %d: %s".formatted(number, what));
    if (number == now.at && now.fault == Fault.HALT) {
      Runtime.getRuntime().halt(CrashingOperator.HALTED);
    }
    return number == now.at && now.fault == Fault.LOSE;
  }

  /** Called before a request is sent. */
  @Override
  public AsyncBody.Consumer<List<ByteBuffer>> consumer(
      AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    if (request.method().equals("GET")
        || !isLost(request.method() + " " + request.uri().getPath())) {
      return consumer;
    }
    return (bytes, body) -> {
      throw new IOException("the reply is lost");
    };
  }

  /** Has all statements of this process counted as well. */
  void countStatements() throws SQLException {
    Driver postgres = DriverManager.getDriver("jdbc:postgresql://");
    DriverManager.deregisterDriver(postgres);
    DriverManager.registerDriver(new Counting(postgres));
  }

  private final class Counting implements Driver {
    private final Driver driver;

    private Counting(Driver driver) {
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
