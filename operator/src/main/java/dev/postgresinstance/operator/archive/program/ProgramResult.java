package dev.postgresinstance.operator.archive.program;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.postgresinstance.operator.common.Text;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
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

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

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
    String text = write(fields, Integer.MAX_VALUE);
    for (int entries = 64; text.length() > MAX_BYTES && entries >= 0; entries -= 8) {
      text = write(fields, entries);
    }
    if (text.length() > MAX_BYTES) {
      throw new IllegalStateException("the result has %d bytes".formatted(text.length()));
    }
    return text;
  }

  private static String write(Map<String, ?> fields, int entries) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      for (Map.Entry<String, ?> field : fields.entrySet()) {
        json.writeFieldName(field.getKey());
        writeValue(json, field.getValue(), entries);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void writeValue(JsonGenerator json, Object value, int entries) throws IOException {
    if (value instanceof Iterable<?> list) {
      json.writeStartArray();
      int written = 0;
      for (Object entry : list) {
        if (written++ < entries) {
          json.writeString(String.valueOf(entry));
        }
      }
      json.writeEndArray();
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(String.valueOf(value));
    }
  }
}
