package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.operator.sql.FindingKey;
import dev.postgresinstance.operator.sql.Session;
import dev.postgresinstance.operator.sql.SessionTask;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Asks for the number that PostgreSQL gave the data directory at initdb. */
public record SystemIdentifierTask() implements SessionTask<String> {

  /** The system identifier, in decimal digits. */
  public static final FindingKey<String> SYSTEM_IDENTIFIER = FindingKey.of(String.class);

  private static final String QUERY =
      "SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()";

  @Override
  public FindingKey<String> finding() {
    return SYSTEM_IDENTIFIER;
  }

  /** It becomes a part of the record of the data, so nothing but a number is accepted. */
  @Override
  public Optional<String> run(Session session) throws SQLException {
    try (Statement statement = session.connection().createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      row.next();
      return Optional.of(Long.toUnsignedString(Long.parseUnsignedLong(row.getString(1))));
    } catch (NumberFormatException e) {
      throw new SQLException("the system identifier is not a number", e);
    }
  }
}
