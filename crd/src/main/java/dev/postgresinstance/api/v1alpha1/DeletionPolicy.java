package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether what belongs to a resource stays when the resource is deleted. */
public enum DeletionPolicy {
  /** The volume and the passwords of an instance, or the backup in the store, stay. */
  @JsonProperty("Retain")
  RETAIN,
  /** They are deleted with the resource. */
  @JsonProperty("Delete")
  DELETE
}
