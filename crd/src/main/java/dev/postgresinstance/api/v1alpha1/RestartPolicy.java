package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When a change of the spec that needs a restart takes effect. */
public enum RestartPolicy {
  /** At once, with one restart. */
  @JsonProperty("Immediate")
  IMMEDIATE,
  /** With the next restart, whatever its cause. */
  @JsonProperty("Manual")
  MANUAL
}
