package dev.postgresinstance.operator.sql;

/** Quotes names and texts for SQL statements (PostgreSQL: "Lexical Structure"). */
public final class SqlText {

  private SqlText() {}

  /** Quotes an identifier, which may contain any characters except zero bytes. */
  public static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /**
   * Quotes a string constant for a session with {@code standard_conforming_strings}, which the
   * operator's role always has.
   */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
