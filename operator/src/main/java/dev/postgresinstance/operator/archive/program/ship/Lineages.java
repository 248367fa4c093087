package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.ArchiveJson;
import dev.postgresinstance.operator.archive.ArchiveLayout;
import dev.postgresinstance.operator.archive.ArchiveRecord;
import dev.postgresinstance.operator.archive.LineageRecord;
import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.ProgressRecord;
import dev.postgresinstance.operator.archive.WalSegment;
import dev.postgresinstance.operator.archive.program.FlatJson;
import dev.postgresinstance.operator.archive.program.GuardSlot;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.Server;
import dev.postgresinstance.operator.archive.program.ServerState;
import dev.postgresinstance.operator.archive.program.received.ReceivedWal;
import dev.postgresinstance.operator.archive.program.ship.LineageDecision.Stored;
import dev.postgresinstance.operator.archive.program.ship.progress.Reached;
import dev.postgresinstance.operator.archive.program.ship.spool.Spool;
import dev.postgresinstance.operator.archive.store.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Continues the lineage of the server, or begins a new one. Each step can be the last one before a
 * crash: a slot whose lineage is not in the store is dropped, and a lineage without a slot is never
 * continued.
 */
final class Lineages {

  /** PostgreSQL: {@code object_in_use}, also for a process that has just died. */
  private static final String IN_USE = "55006";

  private static final String DUPLICATE = "42710";

  /**
   * Whose archive this is.
   *
   * @param owner uid of the claim that contains the data
   */
  record Instance(String id, String name, String namespace, String owner) {}

  private final Instance instance;
  private final Server server;
  private final ObjectStore store;
  private final Spool spool;

  /** The slot of a lineage that the store has not accepted yet. */
  private Optional<Instant> pending = Optional.empty();

  Lineages(Instance instance, Server server, ObjectStore store, Spool spool) {
    this.instance = instance;
    this.server = server;
    this.store = store;
    this.spool = spool;
  }

  /** Returns the lineage of the server, when the receiver may run. */
  Lineage determine() throws IOException, SQLException {
    ServerState state = server.state();
    for (GuardSlot slot : state.slots()) {
      Optional<Stored> stored = read(slot.lineage(state.systemIdentifier(), state.timeline()));
      if (stored.isPresent()
          && LineageDecision.gap(stored.get(), state, instance.owner()).isEmpty()) {
        return proceed(LineageDecision.continued(stored.get(), slot, state));
      }
    }
    return begin(state);
  }

  private Lineage proceed(Lineage lineage) throws IOException, SQLException {
    ProgramLog.say("Continuing lineage %s at %s", lineage.name(), lineage.next().name());
    if (spool.belongsTo(lineage.name()) && spool.canContinue(lineage.next())) {
      spool.receive(lineage.name(), lineage.next().size());
    } else {
      spool.restart(lineage.name(), lineage.next());
    }
    dropOthers(lineage.slot());
    return lineage;
  }

  private Lineage begin(ServerState state) throws IOException, SQLException {
    // A store that cannot even be read would leave the slot without a lineage.
    Optional<String> previous =
        LineageDecision.newest(store.folders(ArchiveLayout.instanceFolder(instance.id())));
    Optional<String> gap = Optional.empty();
    if (previous.isPresent()) {
      Optional<Stored> former = read(previous.get());
      gap =
          former
              .flatMap(stored -> LineageDecision.gap(stored, state, instance.owner()))
              .or(() -> Optional.of("The record of the former lineage is missing in the store."));
    }
    spool.stop();
    // What a commit may have waited for is not in the store yet.
    Optional<ReceivedWal> received = ReceivedWal.find(store, spool.root(), instance.id());
    if (received.isPresent()) {
      received.get().store(store, spool.outgoing());
    }
    drop(state.slots().stream().filter(slot -> !slot.isUsable()).toList());
    Instant startedAt = createSlot(state);
    while (true) {
      Lineage lineage = newLineage(startedAt, previous, gap);
      if (claim(lineage.record())) {
        return start(lineage);
      }
      server.dropSlot(lineage.slot());
      pending = Optional.empty();
      startedAt = create(startedAt.plusSeconds(1));
    }
  }

  private Instant createSlot(ServerState state) throws SQLException {
    if (pending.isPresent()) {
      String name = GuardSlot.nameFor(pending.get());
      if (state.slots().stream().anyMatch(slot -> slot.name().equals(name) && slot.isUsable())) {
        return pending.get();
      }
    }
    return create(state.now().truncatedTo(ChronoUnit.SECONDS));
  }

  private Instant create(Instant wanted) throws SQLException {
    Instant startedAt = wanted;
    while (true) {
      try {
        server.createSlot(GuardSlot.nameFor(startedAt));
        pending = Optional.of(startedAt);
        return startedAt;
      } catch (SQLException e) {
        if (!DUPLICATE.equals(e.getSQLState())) {
          throw e;
        }
        startedAt = startedAt.plusSeconds(1);
      }
    }
  }

  /**
   * The first segment is the one that the server writes now. The slot keeps more, back to the last
   * checkpoint, which may be on an earlier timeline.
   */
  private Lineage newLineage(Instant startedAt, Optional<String> previous, Optional<String> gap)
      throws SQLException {
    ServerState state = server.state();
    WalSegment first =
        WalSegment.containing(state.flushLsn(), state.timeline(), state.walSegmentSize());
    GuardSlot slot =
        state.slots().stream()
            .filter(each -> each.startedAt().equals(startedAt) && each.isUsable())
            .findFirst()
            .orElseThrow(() -> new SQLException("the new replication slot is not usable"));
    LineageRecord record =
        new LineageRecord(
            ArchiveRecord.FORMAT_VERSION,
            instance.id(),
            slot.lineage(state.systemIdentifier(), state.timeline()),
            state.systemIdentifier(),
            state.timeline(),
            state.walSegmentSize(),
            state.version(),
            first.start(),
            startedAt,
            instance.owner(),
            instance.name(),
            instance.namespace(),
            previous.orElse(null),
            gap.orElse(null));
    Reached reached = new Reached(first.start(), Optional.empty());
    Lsn confirmed = slot.restartLsn().orElseThrow();
    return new Lineage(record, slot.name(), confirmed, first, reached, state.walBlockSize());
  }

  /** A lost answer to a claim that succeeded is no conflict. */
  private boolean claim(LineageRecord record) throws IOException {
    String key = ArchiveLayout.lineage(instance.id(), record.lineage());
    if (store.putIfAbsent(key, ArchiveJson.write(record))) {
      return true;
    }
    return ArchiveJson.read(store, key, LineageRecord.class).filter(record::equals).isPresent();
  }

  private Lineage start(Lineage lineage) throws IOException, SQLException {
    pending = Optional.empty();
    ProgramLog.say(
        "Beginning lineage %s%s",
        lineage.name(), lineage.record().gap() == null ? "" : ": " + lineage.record().gap());
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("instanceId", instance.id());
    fields.put("name", instance.name());
    fields.put("namespace", instance.namespace());
    store.put(
        ArchiveLayout.instance(instance.id()),
        (FlatJson.write(fields) + "\n").getBytes(StandardCharsets.US_ASCII));
    spool.restart(lineage.name(), lineage.next());
    dropOthers(lineage.slot());
    return lineage;
  }

  /** Drops the slots of other lineages. One that is in use is dropped at the next call. */
  void dropOthers(String kept) throws SQLException {
    drop(server.state().slots().stream().filter(slot -> !slot.name().equals(kept)).toList());
  }

  private void drop(List<GuardSlot> slots) throws SQLException {
    for (GuardSlot slot : slots) {
      try {
        server.dropSlot(slot.name());
        ProgramLog.say("Dropped replication slot %s", slot.name());
      } catch (SQLException e) {
        if (!IN_USE.equals(e.getSQLState())) {
          throw e;
        }
      }
    }
  }

  private Optional<Stored> read(String lineage) throws IOException {
    Optional<LineageRecord> record =
        ArchiveJson.read(store, ArchiveLayout.lineage(instance.id(), lineage), LineageRecord.class);
    if (record.isEmpty()) {
      return Optional.empty();
    }
    String key = ArchiveLayout.progress(instance.id(), lineage);
    return Optional.of(
        new Stored(record.get(), ArchiveJson.read(store, key, ProgressRecord.class)));
  }
}
