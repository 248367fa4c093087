package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A step of the rotation of an authority. */
public enum AuthorityRotationStep {
  /** Clients can know the next authority, which does not sign yet. */
  @JsonProperty("NewAuthorityPublished")
  NEW_AUTHORITY_PUBLISHED,
  /** The new authority signs, and clients still trust the former one. */
  @JsonProperty("FormerAuthorityTrusted")
  FORMER_AUTHORITY_TRUSTED
}
