package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether the volume and the passwords stay when the resource is deleted. */
public enum DeletionPolicy {
  /** The volume and the passwords stay; a later resource of the same name uses them again. */
  @JsonProperty("Retain")
  RETAIN,
  /** The volume and the passwords are deleted with the resource. */
  @JsonProperty("Delete")
  DELETE
}
