package dev.postgresinstance.operator.archive.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProgramResultTest {

  @Test
  void isOneLineOfAscii() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", "größer\n\"x\"");
    fields.put("size", 12L);
    fields.put("deleted", List.of("a", "b"));

    assertThat(ProgramResult.success(fields).json())
        .isEqualTo(
            "{\"name\":\"gr\\u00F6\\u00DFer\\n\\\"x\\\"\",\"size\":12,\"deleted\":[\"a\",\"b\"]}");
  }

  @Test
  void shortensAMessage() {
    ProgramResult result = ProgramResult.failure("Failed", "€\n".repeat(10_000));

    assertThat(result.succeeded()).isFalse();
    assertThat(result.json().length()).isLessThanOrEqualTo(ProgramResult.MAX_BYTES);
    assertThat(result.json()).startsWith("{\"reason\":\"Failed\",\"message\":\"\\u20AC \\u20AC");
  }

  @Test
  void leavesOutEntriesOfALongList() {
    List<String> names = IntStream.range(0, 60).mapToObj(i -> "n".repeat(100) + i).toList();

    String json = ProgramResult.success(Map.of("deleted", names)).json();

    assertThat(json.length()).isLessThanOrEqualTo(ProgramResult.MAX_BYTES);
    assertThat(json).contains(names.getFirst()).endsWith("\"]}");
  }
}
