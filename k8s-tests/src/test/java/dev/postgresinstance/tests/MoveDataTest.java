package dev.postgresinstance.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Command;
import dev.postgresinstance.tests.support.Consistently;
import dev.postgresinstance.tests.support.CoversReasons;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Given;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.Settings;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the documentation that move data, run as they are printed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MoveDataTest {

  private static final String MOVE = "## Move data between instances";
  private static final String RECOVER = "### Recover from a restored password";
  private static final String MAINTENANCE = "### Maintenance databases";

  @RegisterExtension static final Given given = Given.inOwnNamespace();

  private static Instance orders;
  private static Instance target;

  @TempDir private Path directory;

  @BeforeAll
  static void instances() throws SQLException {
    // Given
    orders = given.instance("orders").running();
    target = given.instance("new").running();
    try (Client client = Client.connect(orders)) {
      client.execute("CREATE TABLE parcel AS SELECT 'from orders' AS note");
    }
    Cluster.psql(orders, "CREATE ROLE clerk LOGIN PASSWORD 'clerk'");
  }

  /**
   * kubectl uses the cluster and namespace of the test. The clients of PostgreSQL run in a pod,
   * because this machine may have an older version of them.
   */
  @BeforeEach
  void programs() throws IOException {
    String kubectl =
        "%s --context=%s --namespace=%s"
            .formatted(Settings.kubectl(), Settings.context(), given.namespace());
    program("kubectl", "exec %s \"$@\"".formatted(kubectl));
    for (String client : List.of("pg_dump", "psql", "createdb")) {
      program(
          client,
          "exec %s exec -i orders-0 -c postgres -- sh -c 'cd /tmp; exec \"$@\"' sh %s \"$@\""
              .formatted(kubectl, client));
    }
  }

  private void program(String name, String command) throws IOException {
    Path file = Files.createDirectories(directory.resolve("bin")).resolve(name);
    Files.writeString(file, "#!/bin/bash\n" + command + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @Test
  @Order(1)
  void oneDatabaseMovesWithinPodsAndOverTheNetwork() throws Exception {
    // When
    run(blocks("operations.md", MOVE).get(0));

    // Then
    assertMoved();

    // When
    try (Client client = Client.connect(target)) {
      client.execute("DROP TABLE parcel");
    }
    run(blocks("operations.md", MOVE).get(1));

    // Then
    assertMoved();
    try (Client client = Client.connect(target)) {
      client.execute("DROP TABLE parcel");
    }
  }

  @Test
  @Order(2)
  void allDatabasesAndRolesMoveAndNobodyIsLockedOut() throws Exception {
    // When
    run(blocks("operations.md", MOVE).get(2));
    run(blocks("operations.md", MOVE).get(3));

    // Then
    assertMoved();
    try (Client client =
        Client.connect(
            target.resource().getStatus().endpoints().address(), "app", "clerk", "clerk")) {
      assertThat(client.read("SELECT current_user")).isEqualTo("clerk");
    }
    Eventually.instance(target).isReady();
    Consistently.that(
        "the instance stays ready",
        () -> {
          assertThat(target.ready().orElseThrow().getStatus()).isEqualTo("True");
          Client.connect(target).close();
        });
  }

  @Test
  @Order(3)
  @CoversReasons(Reason.OPERATOR_LOCKED_OUT)
  void commandOfTheStatusRecoversFromRestoredPasswordsWithoutEndingSession() throws Exception {
    // Given
    String dump = blocks("operations.md", MOVE).get(2).replace(" --no-role-passwords", "");
    try (Client session = Client.connect(target)) {
      run(dump);

      // When
      String message = Eventually.instance(target).isNotReady(Reason.OPERATOR_LOCKED_OUT);
      assertThat(message).doesNotContain("about to set");
      run(command(message, "kubectl exec"));

      // Then
      Eventually.instance(target).isReady().acceptsLogins();
      assertThat(session.read("SELECT 1")).isEqualTo("1");

      // When
      run(dump);
      Eventually.instance(target).isNotReady(Reason.OPERATOR_LOCKED_OUT);
      run(blocks("operations.md", RECOVER).getFirst());

      // Then
      Eventually.instance(target).isReady().acceptsLogins();
      assertThat(session.read("SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  @Tag("long")
  @Order(4)
  void restartRecoversFromRestoredPasswords() throws Exception {
    // Given
    run(blocks("operations.md", MOVE).get(2).replace(" --no-role-passwords", ""));
    String message = Eventually.instance(target).isNotReady(Reason.OPERATOR_LOCKED_OUT);
    Pod before = target.pod();

    // When
    run(command(message, "kubectl annotate"));

    // Then
    Eventually.instance(target).isReadyWithNewPod(before).acceptsLogins();
    assertMoved();
  }

  @Test
  @Tag("long")
  @Order(5)
  void roleWithCreatedbCreatesDatabaseByNamingOneToConnectTo() throws IOException {
    // Given
    List<String> commands = blocks("security.md", MAINTENANCE);
    String uri = orders.credentials().get("external-uri");
    String byDefault =
        "createdb --maintenance-db='%s' more".formatted(uri.replaceFirst("/app$", "/postgres"));

    // When
    run(commands.get(0));

    // Then
    assertThat(Cluster.psql(orders, "SELECT 1 FROM pg_database WHERE datname = 'reports'"))
        .isEqualTo("1");
    assertThatThrownBy(() -> run(byDefault)).hasMessageContaining("permission denied for database");

    // When
    run(commands.get(1));

    // Then
    run(byDefault);
  }

  private static void assertMoved() throws SQLException {
    try (Client client = Client.connect(target)) {
      assertThat(client.read("SELECT note FROM parcel")).isEqualTo("from orders");
      assertThat(client.read("SELECT relowner::regrole FROM pg_class WHERE relname = 'parcel'"))
          .isEqualTo("app");
    }
  }

  private void run(String commands) {
    Command.run(
        "bash",
        "-c",
        "cd %1$s && export PATH=%1$s/bin:$PATH && set -euo pipefail\n%2$s"
            .formatted(directory, commands));
  }

  private static String command(String message, String beginning) {
    return message
        .lines()
        .filter(line -> line.startsWith(beginning))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no command in: " + message));
  }

  /** The blocks of commands between a heading and the next one. */
  private static List<String> blocks(String page, String heading) throws IOException {
    String text = Files.readString(Path.of("../docs", page));
    String section = text.split(Pattern.quote(heading + "\n"), 2)[1].split("\n#+ ", 2)[0];
    return Pattern.compile("(?s)```sh\n(.*?)```")
        .matcher(section)
        .results()
        .map(block -> block.group(1))
        .toList();
  }
}
