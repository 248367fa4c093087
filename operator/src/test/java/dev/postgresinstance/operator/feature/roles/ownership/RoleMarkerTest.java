package dev.postgresinstance.operator.feature.roles.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoleMarkerTest {

  private static final RoleMarker MARKER =
      new RoleMarker("uid-1", "dashboard", "orders", true, false, "abc", List.of("work_mem"));

  @Test
  void isReadAsItWasWritten() {
    assertThat(RoleMarker.in(MARKER.inComment(Optional.empty()))).contains(MARKER);
  }

  @Test
  void keepsTheTextOfTheComment() {
    // When
    String once = MARKER.inComment(Optional.of("by hand\nof two lines"));
    String twice = MARKER.inComment(Optional.of(once));

    // Then
    assertThat(once).startsWith("by hand\nof two lines\n" + RoleMarker.PREFIX).isEqualTo(twice);
    assertThat(RoleMarker.in(twice)).contains(MARKER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "by hand",
        "postgresinstance.dev/role ",
        "postgresinstance.dev/role {}",
        "postgresinstance.dev/role null",
        "postgresinstance.dev/role [",
        "postgresinstance.dev/role {\"uid\":\"a\",\"instance\":\"b\"}",
        "postgresinstance.dev/role {\"uid\":\"a\",\"resource\":\"a,b\",\"instance\":\"b\"}",
        "see postgresinstance.dev/role {\"uid\":\"a\",\"instance\":\"b\"}"
      })
  void takesNoOtherTextForOne(String comment) {
    assertThat(RoleMarker.in(comment)).isEmpty();
  }
}
