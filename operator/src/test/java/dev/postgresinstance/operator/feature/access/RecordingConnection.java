package dev.postgresinstance.operator.feature.access;

import dev.postgresinstance.operator.sql.Sessions;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A connection without a server: records the statements and answers each query alike. */
final class RecordingConnection {

  private final List<String> statements = new ArrayList<>();
  private boolean hasRows;
  private int majorVersion = 17;
  private String failing = "no statement";

  /** Whether a query returns a row; initially none does. */
  void setHasRows(boolean next) {
    hasRows = next;
  }

  void setMajorVersion(int next) {
    majorVersion = next;
  }

  /** Lets the statements fail that begin with that text. */
  void failOn(String beginning) {
    failing = beginning;
  }

  /** The executed statements; prepared queries are not among them. */
  List<String> statements() {
    return statements;
  }

  Connection connection() {
    return Sessions.proxy(
        Connection.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "createStatement" -> statement();
              case "prepareStatement" -> query();
              case "getMetaData" -> metaData();
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private Statement statement() {
    return Sessions.proxy(
        Statement.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "execute" -> execute((String) arguments[0]);
              case "close" -> null;
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private boolean execute(String sql) throws SQLException {
    statements.add(sql);
    if (sql.startsWith(failing)) {
      throw new SQLException("failed: " + sql);
    }
    return false;
  }

  private PreparedStatement query() {
    return Sessions.proxy(
        PreparedStatement.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "executeQuery" -> rows();
              case "setString", "close" -> null;
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private ResultSet rows() {
    return Sessions.proxy(
        ResultSet.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "next" -> hasRows;
              case "close" -> null;
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private DatabaseMetaData metaData() {
    return Sessions.proxy(
        DatabaseMetaData.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "getDatabaseMajorVersion" -> majorVersion;
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }
}
