package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.archive.Lsn;
import java.sql.SQLException;

/** The server of the instance, seen through one session. All methods are thread-safe. */
public interface Server {

  /** The number of sessions so far: another one may be with a server that was replaced. */
  int session();

  /** Reads what decides about the lineage. */
  ServerState state() throws SQLException;

  /**
   * Reads what changes all the time.
   *
   * @param slot name of the guard slot; may be empty
   */
  Observation observe(String slot) throws SQLException;

  /** Creates a guard slot that keeps the write-ahead log from now on. */
  void createSlot(String name) throws SQLException;

  /** Lets the server remove the write-ahead log before a position. */
  void advanceSlot(String name, Lsn position) throws SQLException;

  /** Removes a guard slot. */
  void dropSlot(String name) throws SQLException;

  /**
   * Executes a statement only so that the operator sees its text, now and after each other
   * statement.
   */
  void publish(String statement) throws SQLException;
}
