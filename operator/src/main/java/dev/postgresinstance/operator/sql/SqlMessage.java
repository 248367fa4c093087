package dev.postgresinstance.operator.sql;

import dev.postgresinstance.operator.common.Text;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a failed statement or login says, in a length that fits into a log line or a status. */
public final class SqlMessage {

  /** A hostile server may send messages of any length. */
  private static final int MAX_LENGTH = 500;

  private SqlMessage() {}

  /** The message of PostgreSQL, or of the driver if PostgreSQL sent none; shortened. */
  public static String of(SQLException e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof PSQLException failure && failure.getServerErrorMessage() != null) {
      ServerErrorMessage answer = failure.getServerErrorMessage();
      message = answer.getSeverity() + ": " + answer.getMessage();
    }
    return Text.truncate(message, MAX_LENGTH);
  }
}
