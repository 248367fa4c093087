package dev.postgresinstance.operator.archive.program.restore.wal;

/** A segment that contains less than it should. */
public final class DamagedWalException extends Exception {

  private static final long serialVersionUID = 1;

  DamagedWalException(String message) {
    super(message);
  }
}
