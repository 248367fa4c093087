package dev.postgresinstance.operator.sql.tls;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections that last too long, from another thread. Limits that the reader checks do not
 * suffice with TLS: it writes on the thread that reads when the server asks for it, for example for
 * other keys (RFC 8446, 4.6.3), and a write to a server that never reads does not end.
 */
public final class Deadline {

  private static final Logger log = LoggerFactory.getLogger(Deadline.class);
  private static final ScheduledThreadPoolExecutor TIMER = timer();

  private Deadline() {}

  private static ScheduledThreadPoolExecutor timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("login-deadline").factory());
    timer.setRemoveOnCancelPolicy(true); // nearly all connections end long before
    return timer;
  }

  /**
   * Closes a connection after some time: whatever waits for the server then fails.
   *
   * @param isLate asked at that time; the connection stays open if it is false
   * @return to cancel when the connection has ended
   */
  public static Future<?> close(Socket connection, Duration after, BooleanSupplier isLate) {
    return TIMER.schedule(
        () -> {
          if (isLate.getAsBoolean()) {
            close(connection);
          }
        },
        after.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private static void close(Socket connection) {
    try {
      connection.close();
    } catch (IOException e) {
      log.warn("A connection that lasts too long could not be closed", e);
    }
  }
}
