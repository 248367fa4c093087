package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A version of the TLS protocol. */
public enum TlsVersion {
  /** TLS 1.2, RFC 5246. */
  @JsonProperty("1.2")
  TLS_1_2("TLSv1.2"),
  /** TLS 1.3, RFC 8446. */
  @JsonProperty("1.3")
  TLS_1_3("TLSv1.3");

  private final String postgresName;

  TlsVersion(String postgresName) {
    this.postgresName = postgresName;
  }

  /** The value of PostgreSQL's parameter {@code ssl_min_protocol_version}. */
  public String postgresName() {
    return postgresName;
  }
}
