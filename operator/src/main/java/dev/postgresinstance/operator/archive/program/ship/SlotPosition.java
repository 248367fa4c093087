package dev.postgresinstance.operator.archive.program.ship;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.archive.program.Server;
import java.sql.SQLException;

/**
 * The position of the guard slot. Without a server it stays where it is, and moves at a later
 * attempt.
 */
final class SlotPosition {

  private final Server server;
  private final String slot;
  private Lsn confirmed;
  private boolean fails;

  SlotPosition(Server server, String slot, Lsn confirmed) {
    this.server = server;
    this.slot = slot;
    this.confirmed = confirmed;
  }

  /** Whether the server has confirmed that it need not keep what is before a position. */
  boolean isBehind(Lsn position) {
    return confirmed.isAtLeast(position);
  }

  /** Lets the server remove what is before a position. */
  void moveTo(Lsn position) {
    if (!isBehind(position)) {
      move(position);
    }
  }

  /**
   * PostgreSQL 18 invalidates a slot that is not used for {@code idle_replication_slot_timeout}.
   */
  void touch() {
    move(confirmed);
  }

  private void move(Lsn target) {
    try {
      server.advanceSlot(slot, target);
      confirmed = target;
      fails = false;
    } catch (SQLException e) {
      if (!fails) {
        ProgramLog.say("Cannot move replication slot %s: %s", slot, e.getMessage());
      }
      fails = true;
    }
  }
}
