package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Provider of the collations: the values of initdb's {@code --locale-provider}. */
public enum LocaleProvider {
  /** Built into PostgreSQL from version 17; its sort order never changes. */
  @JsonProperty("builtin")
  BUILTIN,
  /** The ICU library of the image. */
  @JsonProperty("icu")
  ICU,
  /** The C library of the image. */
  @JsonProperty("libc")
  LIBC
}
