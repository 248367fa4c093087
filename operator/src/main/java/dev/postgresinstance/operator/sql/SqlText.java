package dev.postgresinstance.operator.sql;

/** Quotes names and texts for SQL statements (PostgreSQL: "Lexical Structure"). */
public final class SqlText {

  private SqlText() {}

  /** A quoted identifier. Any name is possible, also one with quotation marks. */
  public static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /**
   * A quoted string constant, for sessions with {@code standard_conforming_strings}, which the
   * operator's role always has.
   */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
