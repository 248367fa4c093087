package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether the volume and the passwords, as one unit, outlive the resource. */
public enum DeletionPolicy {
  /** The volume and the passwords stay; a later resource of the same name re-attaches them. */
  @JsonProperty("Retain")
  RETAIN,
  /** The volume and the passwords are deleted with the resource. */
  @JsonProperty("Delete")
  DELETE
}
