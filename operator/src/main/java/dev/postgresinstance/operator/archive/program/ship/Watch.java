package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.program.GuardSlot;
import dev.postgresinstance.operator.archive.program.Observation;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.Server;
import dev.postgresinstance.operator.archive.program.ship.progress.DurableTimes;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Everything that must not wait for the store: keeps the session with the server open, observes the
 * server, bounds the spool, and publishes the status. A thread of its own calls {@link #step}.
 */
final class Watch {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration REPEAT = Duration.ofSeconds(10);

  /** Opens a session unless there is one. */
  @FunctionalInterface
  interface Connector {
    void connect() throws SQLException, ProgramFailure;
  }

  /**
   * What is shipped at present.
   *
   * @param session the session in which the lineage was determined
   */
  record Shipment(Lineage lineage, WalUploader uploader, int session) {}

  private final Connector connector;
  private final Server server;
  private final Spool spool;
  private final DurableTimes times;
  private final long limit;
  private final LongSupplier clock;

  private volatile Optional<Shipment> shipment = Optional.empty();
  private volatile Optional<ShippingStatus.Problem> problem = Optional.empty();
  private volatile Optional<Lsn> received = Optional.empty();
  private volatile boolean slotLost;

  private Duration pause = Duration.ZERO;
  private long connectDue;
  private String published = "";
  private long publishDue;
  private String trouble = "";

  /**
   * A watch.
   *
   * @param limit bytes that the spool may hold
   * @param clock in nanoseconds
   */
  Watch(
      Connector connector,
      Server server,
      Spool spool,
      DurableTimes times,
      long limit,
      LongSupplier clock) {
    this.connector = connector;
    this.server = server;
    this.spool = spool;
    this.times = times;
    this.limit = limit;
    this.clock = clock;
    this.connectDue = clock.getAsLong();
    this.publishDue = connectDue;
  }

  /** What is shipped at present. */
  Optional<Shipment> shipment() {
    return shipment;
  }

  /** Samples and positions from now on belong to another lineage, or to another session. */
  void ship(Shipment next) {
    if (shipment.filter(s -> s.lineage().name().equals(next.lineage().name())).isEmpty()) {
      times.clear();
    }
    received = Optional.empty();
    slotLost = false;
    shipment = Optional.of(next);
  }

  /** What is wrong with shipping; empty for nothing. */
  void report(Optional<ShippingStatus.Problem> newProblem) {
    problem = newProblem;
  }

  /** The position up to which the receiver has written, as far as the server knows. */
  Optional<Lsn> received() {
    return received;
  }

  /** Whether the slot of the lineage is gone, or the server has removed what it guarded. */
  boolean slotLost() {
    return slotLost;
  }

  /** Does everything once. */
  void step() {
    boolean paused = boundSpool();
    if (clock.getAsLong() - connectDue < 0) {
      return;
    }
    try {
      connector.connect();
      pause = Duration.ZERO;
      observe();
      publish(paused);
      trouble = "";
    } catch (SQLException | ProgramFailure e) {
      pause = pause.isZero() ? Duration.ofSeconds(1) : pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
      connectDue = clock.getAsLong() + pause.toNanos();
      say("The server does not answer: " + e.getMessage());
    }
  }

  private boolean boundSpool() {
    Optional<Shipment> current = shipment;
    if (current.isEmpty()) {
      return false;
    }
    try {
      Lineage lineage = current.get().lineage();
      return spool.bound(lineage.name(), lineage.next().size(), limit);
    } catch (IOException e) {
      say("Cannot bound the spool: " + e);
      return false;
    }
  }

  private void say(String message) {
    if (!message.equals(trouble)) {
      ProgramLog.say("%s", message);
    }
    trouble = message;
  }

  private void observe() throws SQLException {
    Optional<Shipment> current = shipment;
    if (current.isEmpty() || current.get().session() != server.session()) {
      return; // This may be another server, whose positions mean nothing for the lineage.
    }
    Observation seen = server.observe(current.get().lineage().slot());
    if (current.get().session() == server.session() && shipment.equals(current)) {
      times.add(seen.flushLsn(), seen.time());
      received = seen.receivedLsn();
      slotLost = seen.slot().filter(GuardSlot::isUsable).isEmpty();
    }
  }

  private void publish(boolean paused) throws SQLException {
    ShippingStatus status = status(paused);
    // The time changes with every observation: by itself it is no change.
    String change = status.withoutTime() + " " + server.session();
    if (!change.equals(published) || clock.getAsLong() - publishDue >= 0) {
      server.publish(status.statement());
      published = change;
      publishDue = clock.getAsLong() + REPEAT.toNanos();
    }
  }

  private ShippingStatus status(boolean paused) {
    Optional<ShippingStatus.Problem> reported = problem;
    if (reported.isEmpty() && paused) {
      reported =
          Optional.of(
              new ShippingStatus.Problem(
                  "SpoolFull",
                  "The server writes faster than the store accepts. It keeps the rest itself."));
    }
    Optional<Shipment> current = shipment;
    if (current.isEmpty()) {
      return ShippingStatus.UNKNOWN.with(reported);
    }
    Shipment shipped = current.get();
    return new ShippingStatus(
        Optional.of(shipped.lineage().name()),
        Optional.of(shipped.lineage().record().startedAt()),
        Optional.of(shipped.uploader().reached().lsn()),
        shipped.uploader().reached().time(),
        Optional.ofNullable(shipped.lineage().record().gap()),
        reported);
  }
}
