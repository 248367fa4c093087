package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of volume and passwords, as one unit, when the resource is deleted. */
public enum DeletionPolicy {
  /** They stay; a resource of that name later takes them back. */
  @JsonProperty("Retain")
  RETAIN,
  /** They go with the resource. */
  @JsonProperty("Delete")
  DELETE
}
