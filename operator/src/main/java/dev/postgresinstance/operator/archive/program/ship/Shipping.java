package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.program.Program;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.Server;
import dev.postgresinstance.operator.archive.program.ship.WalUploader.SpoolGapException;
import dev.postgresinstance.operator.archive.program.ship.Watch.Shipment;
import dev.postgresinstance.operator.archive.program.ship.progress.DurableTimes;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.folder.FileRequest;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The loop around the uploads: determines the lineage in each new session and when its slot is
 * lost, uploads, and turns failures into the problem of the status and a pause.
 */
final class Shipping {

  private static final Duration CYCLE = Duration.ofMillis(500);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final String instanceId;
  private final Lineages lineages;
  private final Server server;
  private final ObjectStore store;
  private final Spool spool;
  private final DurableTimes times;
  private final Watch watch;
  private final Duration interval;
  private final LongSupplier clock;
  private Duration pause = CYCLE;
  private String trouble = "";

  /**
   * The loop.
   *
   * @param interval between the starts of two uploads of the segment that is being filled
   * @param clock in nanoseconds
   */
  Shipping(
      Lineages.Instance instance,
      Server server,
      ObjectStore store,
      Spool spool,
      DurableTimes times,
      Watch watch,
      Duration interval,
      LongSupplier clock) {
    this.instanceId = instance.id();
    this.lineages = new Lineages(instance, server, store, spool);
    this.server = server;
    this.store = store;
    this.spool = spool;
    this.times = times;
    this.watch = watch;
    this.interval = interval;
    this.clock = clock;
  }

  /** Does everything once, and returns how long to wait until the next step. */
  Duration step() {
    try {
      shipOnce();
      watch.report(Optional.empty());
      trouble = "";
      pause = CYCLE;
      return untilDue();
    } catch (StoreException e) {
      fail(Program.word(e.problem()), e.getMessage());
    } catch (IOException e) {
      StoreException failure = FileRequest.failure(e); // of the spool
      fail(Program.word(failure.problem()), String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      fail("Rejected", String.valueOf(e.getMessage()));
    }
    return pause;
  }

  private Duration untilDue() {
    return watch
        .shipment()
        .map(shipment -> shipment.uploader().untilDue())
        .filter(due -> due.compareTo(CYCLE) < 0)
        .map(due -> due.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : due)
        .orElse(CYCLE);
  }

  private void fail(String word, String message) {
    if (!message.equals(trouble)) {
      ProgramLog.say("%s: %s", word, message);
    }
    trouble = message;
    watch.report(Optional.of(new ShippingStatus.Problem(word, message)));
    pause =
        pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
  }

  private void shipOnce() throws IOException, SQLException {
    Optional<Shipment> shipment = watch.shipment();
    if (shipment.isPresent()) {
      upload(shipment.get());
      // The receiver fails without a word when a new segment does not fit.
      store.requireSpace(2 * shipment.get().lineage().next().size());
    }
    boolean known =
        shipment.filter(s -> s.session() == server.session()).isPresent() && !watch.slotLost();
    if (!known && server.session() > 0) {
      determine(shipment);
    }
  }

  private void upload(Shipment shipment) throws IOException {
    try {
      if (watch.slotLost()) {
        shipment.uploader().finish(watch.received());
      } else {
        shipment.uploader().cycle(watch.received());
      }
    } catch (SpoolGapException e) {
      ProgramLog.say(
          "Receiving again from %s: %s", shipment.uploader().next().name(), e.getMessage());
      spool.restart(shipment.lineage().name(), shipment.uploader().next());
    }
  }

  private void determine(Optional<Shipment> former) throws IOException, SQLException {
    int session = server.session();
    Lineage lineage;
    try {
      lineage = lineages.determine();
    } catch (SQLException e) {
      if (String.valueOf(e.getSQLState()).matches("08.*|57P.*")) {
        return; // The server is away again. The watch says so, and opens the next session.
      }
      throw e;
    }
    boolean same = former.filter(s -> s.lineage().name().equals(lineage.name())).isPresent();
    WalUploader uploader =
        same
            ? former.get().uploader()
            : new WalUploader(instanceId, lineage, store, server, spool, times, interval, clock);
    watch.ship(new Shipment(lineage, uploader, session));
  }
}
