package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.Lsn;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A server in memory, whose answers a test can change or make fail. */
public final class FakeServer implements Server {

  public static final String SYSTEM = "7123456789012345678";
  public static final long SEGMENT = 1 << 16;
  public static final int BLOCK = 8192;

  /** Decides about a call before it has an effect. */
  @FunctionalInterface
  public interface Hook {
    void before(String call) throws SQLException;
  }

  public final List<GuardSlot> slots = new ArrayList<>();
  public final List<String> calls = new ArrayList<>();
  public String systemIdentifier = SYSTEM;
  public int timeline = 1;
  public Lsn flushLsn = new Lsn(SEGMENT * 3 + 100);
  public Lsn redoLsn = new Lsn(SEGMENT * 2 + 40);
  public Instant now = Instant.parse("2026-11-28T03:00:00.5Z");
  public Optional<Lsn> received = Optional.empty();
  public int session = 1;
  public Hook hook = call -> {};

  @Override
  public int session() {
    return session;
  }

  @Override
  public ServerState state() throws SQLException {
    call("state");
    return stateNow();
  }

  /** The same without a call. */
  public ServerState stateNow() {
    return new ServerState(
        systemIdentifier,
        timeline,
        SEGMENT,
        BLOCK,
        "17.6",
        flushLsn,
        now,
        slots.stream().sorted(Comparator.comparing(GuardSlot::name).reversed()).toList());
  }

  @Override
  public Observation observe(String slot) throws SQLException {
    call("observe");
    return new Observation(flushLsn, now, received, find(slot));
  }

  @Override
  public void createSlot(String name) throws SQLException {
    call("create " + name);
    if (find(name).isPresent()) {
      throw new SQLException("exists", "42710");
    }
    slots.add(new GuardSlot(name, true, Optional.of(redoLsn)));
  }

  @Override
  public void advanceSlot(String name, Lsn position) throws SQLException {
    call("advance " + position);
    GuardSlot slot = find(name).orElseThrow(() -> new SQLException("no slot", "42704"));
    if (!slot.isUsable() || slot.restartLsn().get().compareTo(position) > 0) {
      throw new SQLException("cannot advance backwards", "55000");
    }
    slots.remove(slot);
    slots.add(new GuardSlot(name, true, Optional.of(position)));
  }

  @Override
  public void dropSlot(String name) throws SQLException {
    call("drop " + name);
    slots.remove(find(name).orElseThrow(() -> new SQLException("no slot", "42704")));
  }

  @Override
  public void publish(String statement) throws SQLException {
    call(statement);
  }

  /** The number of the first segment that the server still has. */
  public long firstKept() {
    return slots.stream()
            .flatMap(slot -> slot.restartLsn().stream())
            .min(Lsn::compareTo)
            .orElse(flushLsn)
            .value()
        / SEGMENT;
  }

  /** Makes the server remove what a slot needs. */
  public void loseSlots() {
    slots.replaceAll(slot -> new GuardSlot(slot.name(), false, Optional.empty()));
  }

  public Optional<GuardSlot> find(String name) {
    return slots.stream().filter(slot -> slot.name().equals(name)).findFirst();
  }

  private void call(String call) throws SQLException {
    calls.add(call);
    hook.before(call);
  }
}
