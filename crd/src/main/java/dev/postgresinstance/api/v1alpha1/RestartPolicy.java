package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When a change of the spec that only a restart brings is put in force. */
public enum RestartPolicy {
  /** At once, by one restart. */
  @JsonProperty("Immediate")
  IMMEDIATE,
  /** With the next restart, for whatever reason that happens. */
  @JsonProperty("Manual")
  MANUAL
}
