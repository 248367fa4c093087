package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which nodes take traffic from outside for the instance. */
public enum ExternalTrafficPolicy {
  /** Each node does and hands it on; the server sees the node's address as its client's. */
  @JsonProperty("Cluster")
  CLUSTER("Cluster"),
  /** Only the pod's node does; the server sees the client's own address. */
  @JsonProperty("Local")
  LOCAL("Local");

  private final String kubernetesName;

  ExternalTrafficPolicy(String kubernetesName) {
    this.kubernetesName = kubernetesName;
  }

  /** The word Kubernetes uses in a Service's {@code spec.externalTrafficPolicy}. */
  public String kubernetesName() {
    return kubernetesName;
  }
}
