package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.program.Program;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramResult;
import dev.postgresinstance.operator.archive.program.SqlServer;
import dev.postgresinstance.operator.archive.program.ship.progress.DurableTimes;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import java.time.Duration;

/** The program of the container {@code shipper}. */
public final class Shipper {

  private static final long SPOOL_LIMIT = 1L << 30;
  private static final Duration UPLOAD_INTERVAL = Duration.ofSeconds(10);
  private static final Duration WATCH_PERIOD = Duration.ofSeconds(2);

  private Shipper() {}

  /** Ships until a signal ends the process. */
  public static void main(String[] arguments) {
    Program.run(Shipper::run);
  }

  private static ProgramResult run(ProgramEnvironment environment) throws Exception {
    Lineages.Instance instance =
        new Lineages.Instance(
            environment.instanceId(),
            environment.instanceName(),
            environment.instanceNamespace(),
            environment.owner());
    Duration interval = environment.seconds("PGI_UPLOAD_INTERVAL", UPLOAD_INTERVAL);
    long limit = environment.number("PGI_SPOOL_LIMIT", SPOOL_LIMIT);
    ObjectStore store = environment.store();
    SqlServer server = new SqlServer("pgi_shipper");
    Spool spool = new Spool(environment.spool());
    DurableTimes times = new DurableTimes();
    Watch watch =
        new Watch(
            () -> server.connect(environment.login()),
            server,
            spool,
            times,
            limit,
            System::nanoTime);
    Shipping shipping =
        new Shipping(instance, server, store, spool, times, watch, interval, System::nanoTime);
    Thread watching = Thread.ofPlatform().name("watch").daemon().unstarted(() -> run(watch));
    watching.setUncaughtExceptionHandler((thread, failure) -> Program.end(failure));
    watching.start();
    while (true) {
      Thread.sleep(shipping.step());
    }
  }

  private static void run(Watch watch) {
    while (true) {
      watch.step();
      try {
        Thread.sleep(WATCH_PERIOD);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
