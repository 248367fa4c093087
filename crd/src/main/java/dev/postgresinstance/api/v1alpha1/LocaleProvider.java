package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where collations come from, as initdb's --locale-provider. */
public enum LocaleProvider {
  @JsonProperty("builtin")
  BUILTIN,
  @JsonProperty("icu")
  ICU,
  @JsonProperty("libc")
  LIBC
}
