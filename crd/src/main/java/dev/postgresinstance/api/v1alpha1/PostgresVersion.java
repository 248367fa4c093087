package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** A supported major version of PostgreSQL: a value of {@code spec.version}. */
public enum PostgresVersion {
  V15(15),
  V16(16),
  V17(17),
  V18(18);

  private final int major;

  PostgresVersion(int major) {
    this.major = major;
  }

  /**
   * The version with this text. Without this method Jackson would read a text such as "2" as the
   * ordinal of a constant.
   *
   * @throws IllegalArgumentException if the version is not supported
   */
  @JsonCreator
  public static PostgresVersion of(String text) {
    return Arrays.stream(values())
        .filter(version -> version.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unsupported version " + text));
  }

  /** The number, for example 17. */
  public int major() {
    return major;
  }

  /** The value in {@code spec.version}, for example "17". */
  @JsonValue
  public String text() {
    return String.valueOf(major);
  }

  @Override
  public String toString() {
    return text();
  }
}
