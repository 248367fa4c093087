package dev.postgresinstance.operator.archive.program;

import dev.postgresinstance.operator.common.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a program leaves for the operator: one line of JSON.
 *
 * @param succeeded whether the program has done what it should do; decides the exit status
 * @param fields each a text, a number, a list of texts, or an object with a text of its own. A
 *     failed program has {@code reason} and {@code message}
 */
public record ProgramResult(boolean succeeded, Map<String, ?> fields) {

  /** The kubelet cuts a longer termination message. */
  static final int MAX_BYTES = 4096;

  /** Long enough for the words of other programs, and short enough for an escaped message. */
  private static final int MAX_MESSAGE = 600;

  /** The result of a program that has done what it should do. */
  public static ProgramResult success(Map<String, ?> fields) {
    return new ProgramResult(true, fields);
  }

  /**
   * The result of a program that has failed.
   *
   * @param reason one word in CamelCase
   * @param message a sentence; a long one is shortened
   */
  public static ProgramResult failure(String reason, String message) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("reason", reason);
    fields.put("message", Text.abbreviate(message.replaceAll("\\s+", " ").strip(), MAX_MESSAGE));
    return new ProgramResult(false, fields);
  }

  /**
   * One line of ASCII, at most 4096 bytes. Of a result that is longer, the last entries of lists
   * are left out.
   */
  public String json() {
    String text = FlatJson.write(fields);
    for (int entries = 64; text.length() > MAX_BYTES && entries >= 0; entries -= 8) {
      text = FlatJson.write(withAtMost(entries));
    }
    if (text.length() > MAX_BYTES) {
      throw new IllegalStateException("the result has %d bytes".formatted(text.length()));
    }
    return text;
  }

  private Map<String, Object> withAtMost(int entries) {
    Map<String, Object> shorter = new LinkedHashMap<>(fields);
    shorter.replaceAll(
        (name, value) ->
            value instanceof List<?> list ? list.stream().limit(entries).toList() : value);
    return shorter;
  }
}
