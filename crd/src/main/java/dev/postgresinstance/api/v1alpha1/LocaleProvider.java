package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Provider of the collations: the values of initdb's {@code --locale-provider}. */
public enum LocaleProvider {
  @JsonProperty("builtin")
  BUILTIN,
  @JsonProperty("icu")
  ICU,
  @JsonProperty("libc")
  LIBC
}
