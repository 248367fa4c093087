package dev.postgresinstance.operator.archive.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {

  @TempDir Path root;

  @Test
  void everyKindOfFailureHasAReason() {
    assertThat(resultOf(new ProgramFailure("NoBackup", "There is none.")).fields())
        .isEqualTo(Map.of("reason", "NoBackup", "message", "There is none."));
    assertThat(
            resultOf(new StoreException(StoreException.Problem.ACCESS_DENIED, "No.", null))
                .fields())
        .isEqualTo(Map.of("reason", "AccessDenied", "message", "No."));
    assertThat(resultOf(new IOException("broken")).json())
        .isEqualTo("{\"reason\":\"Failed\",\"message\":\"java.io.IOException: broken\"}");
  }

  @Test
  void aProblemOfTheStoreHasTheWordOfTheStatus() {
    assertThat(Program.word(StoreException.Problem.UNSUPPORTED)).isEqualTo("ChecksumsUnsupported");
    assertThat(Program.word(StoreException.Problem.STORE_FULL)).isEqualTo("StoreFull");
  }

  @Test
  void anEmptyVariableCountsAsAbsent() throws Exception {
    ProgramEnvironment environment =
        new ProgramEnvironment(Map.of("A", "", "B", "7", "C", "x", "D", "-1"), root);

    assertThat(environment.seconds("A", Duration.ofMinutes(1))).isEqualTo(Duration.ofMinutes(1));
    assertThat(environment.number("B", 0)).isEqualTo(7);
    assertThatThrownBy(() -> environment.required("A"))
        .isInstanceOf(ProgramFailure.class)
        .hasMessage("The variable A is not set.");
    assertThatThrownBy(() -> environment.number("C", 0)).hasMessage("C is not a number: x.");
    assertThatThrownBy(() -> environment.number("D", 0)).hasMessage("D is not a number: -1.");
  }

  @Test
  void readsTheLoginOfAMountedSecret() throws Exception {
    Path folder = Files.createDirectories(root.resolve("etc/pgi-login"));
    for (String key : new String[] {"host", "port", "username", "password", "sslmode"}) {
      Files.writeString(folder.resolve(key), key + "\n");
    }
    ProgramEnvironment environment = new ProgramEnvironment(Map.of(), root);

    assertThat(environment.login().password()).isEqualTo("password");
    assertThat(environment.login().authority()).isEmpty();
    assertThat(environment.login()).hasToString("username@host:port");

    Files.writeString(folder.resolve("ca.crt"), "x");
    assertThat(environment.login().authority()).contains(folder.resolve("ca.crt"));
  }

  private ProgramResult resultOf(Exception failure) {
    return Program.resultOf(
        environment -> {
          throw failure;
        },
        new ProgramEnvironment(Map.of(), root));
  }
}
