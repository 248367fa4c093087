package dev.postgresinstance.operator.archive;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in the write-ahead log, in bytes. Its text is that of PostgreSQL's type {@code
 * pg_lsn}: two hexadecimal numbers of 32 bits, such as {@code 16/B374D848}.
 *
 * @param value unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {

  private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");
  private static final int HALF = 32;
  private static final int HEX = 16;

  /**
   * Reads the text of a position.
   *
   * @throws IllegalArgumentException when it is none
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Lsn parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a position in the write-ahead log: " + text);
    }
    return new Lsn(
        Long.parseLong(matcher.group(1), HEX) << HALF | Long.parseLong(matcher.group(2), HEX));
  }

  /** Whether this position is behind the other one, or the same. */
  public boolean isAtLeast(Lsn other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @JsonValue
  @Override
  public String toString() {
    return "%X/%X".formatted(value >>> HALF, value & 0xFFFFFFFFL);
  }
}
