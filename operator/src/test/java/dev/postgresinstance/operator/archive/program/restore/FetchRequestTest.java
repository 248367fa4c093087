package dev.postgresinstance.operator.archive.program.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.Lsn;
import dev.postgresinstance.operator.archive.RestoreTarget;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramFailure;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FetchRequestTest {

  @Test
  void oneVariableNamesTheTarget() throws Exception {
    assertThat(request().target()).isEqualTo(new RestoreTarget.Latest());
    assertThat(request("PGI_TARGET_TIME", "2026-11-28T09:15:00Z").target())
        .isEqualTo(new RestoreTarget.Time(Instant.parse("2026-11-28T09:15:00Z")));
    assertThat(request("PGI_TARGET_LSN", "0/5000148").target())
        .isEqualTo(new RestoreTarget.Position(Lsn.parse("0/5000148")));
    assertThat(request("PGI_TARGET_BACKUP", "20261128-030000-end").target())
        .isEqualTo(new RestoreTarget.EndOfBackup("20261128-030000"));
    assertThat(request("PGI_SOURCE_BACKUP", "20261128-030000").backup())
        .contains("20261128-030000");
    assertThat(request().isVerification()).isFalse();
    assertThat(request("PGI_VERIFY", "true").isVerification()).isTrue();
  }

  @Test
  void oneVariableNamesWhatMustBeInTheArchive() throws Exception {
    assertThat(request().notBefore()).isEmpty();
    assertThat(request("PGI_NOT_BEFORE", "2026-11-28T09:15:01Z").notBefore())
        .contains(Instant.parse("2026-11-28T09:15:01Z"));
    assertThatThrownBy(() -> request("PGI_NOT_BEFORE", "now"))
        .hasMessage("PGI_NOT_BEFORE is no time: now.");
  }

  @Test
  void refusesAnythingElse() {
    assertThatThrownBy(() -> request("PGI_TARGET_TIME", "yesterday"))
        .isInstanceOf(ProgramFailure.class)
        .hasMessage("The target is no time: yesterday.");
    assertThatThrownBy(() -> request("PGI_TARGET_LSN", "x"))
        .hasMessage("The target is no position: x.");
    assertThatThrownBy(() -> request("PGI_TARGET_BACKUP", "20261128-030000"))
        .hasMessageContaining("not the end of a backup");
    assertThatThrownBy(() -> request("PGI_TARGET_LSN", "0/1", "PGI_TARGET_BACKUP", "x-end"))
        .hasMessage("There is more than one target.");
    assertThatThrownBy(
            () -> request("PGI_TARGET_LSN", "0/1", "PGI_TARGET_TIME", "2026-11-28T09:15:00Z"))
        .hasMessage("There is more than one target.");
    assertThatThrownBy(() -> request("PGI_MAJOR", ""))
        .hasMessage("The variable PGI_MAJOR is not set.");
  }

  private static FetchRequest request(String... variables) throws ProgramFailure {
    Map<String, String> all = new HashMap<>();
    all.put("PGI_SOURCE_INSTANCE_ID", "id");
    all.put("PGI_MAJOR", "17");
    for (int i = 0; i < variables.length; i += 2) {
      all.put(variables[i], variables[i + 1]);
    }
    return FetchRequest.of(new ProgramEnvironment(all, Path.of("/")));
  }
}
