package dev.postgresinstance.operator.feature.roles.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.operator.feature.roles.database.RoleServer.Failure;
import dev.postgresinstance.operator.sql.LoginResult;
import dev.postgresinstance.operator.sql.Role;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which statements of a session run. */
class RoleWriterTest {

  private static final Failure HELD = new Failure("55P03", "Another transaction holds it.", "");

  private final List<String> statements = new ArrayList<>();
  private Optional<Failure> failure = Optional.empty();

  private final RoleServer server =
      new RoleServer() {
        @Override
        public Optional<Failure> execute(String... sql) {
          statements.addAll(List.of(sql));
          return failure;
        }

        @Override
        public LoginResult login(Role role) {
          throw new AssertionError("Nobody logs in");
        }

        @Override
        public void log(String sentence) {
          // nobody reads it
        }
      };

  private final RoleWriter writer = new RoleWriter(server, InstantSource.system());

  @Test
  void writesAfterAStatementThatIsRejected() {
    // Given
    failure = Optional.of(new Failure("42501", "ERROR: permission denied", ""));

    // When
    writer.write("first");
    writer.write("second");

    // Then
    assertThat(statements).containsExactly("first", "second");
    assertThat(writer.isLate()).isFalse();
  }

  @Test
  void writesNothingMoreOnceATransactionHoldsARole() {
    // Given
    failure = Optional.of(HELD);

    // When
    Optional<Failure> first = writer.write("first");
    Optional<Failure> second = writer.write("second");

    // Then: the wait for a lock must not take the time of all others
    assertThat(statements).containsExactly("first");
    assertThat(first).contains(HELD);
    assertThat(second).isPresent().isNotEqualTo(first);
    assertThat(writer.isLate()).isTrue();
  }
}
