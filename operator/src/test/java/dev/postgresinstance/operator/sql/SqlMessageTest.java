package dev.postgresinstance.operator.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class SqlMessageTest {

  @Test
  void isTheMessageOfTheServer() {
    // Given
    PSQLException answer =
        new PSQLException(new ServerErrorMessage("SFATAL\0C3D000\0Mno such database\0"));

    // Then
    assertThat(SqlMessage.of(answer)).isEqualTo("FATAL: no such database");
  }

  @Test
  void isTheMessageOfTheDriverWhereTheServerSentNone() {
    assertThat(SqlMessage.of(new SQLException("connection refused")))
        .isEqualTo("connection refused");
    assertThat(SqlMessage.of(new SQLException())).isEqualTo("null");
  }

  @Test
  void shortensWhatHostileServersSend() {
    assertThat(SqlMessage.of(new SQLException("x".repeat(2_000_000)))).hasSizeLessThan(600);
  }
}
