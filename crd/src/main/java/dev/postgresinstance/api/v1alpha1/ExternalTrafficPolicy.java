package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which nodes accept traffic from outside the cluster for the instance. */
public enum ExternalTrafficPolicy {
  /** Every node accepts and forwards it; the server sees the address of the node. */
  @JsonProperty("Cluster")
  CLUSTER("Cluster"),
  /** Only the node of the pod accepts it; the server sees the address of the client. */
  @JsonProperty("Local")
  LOCAL("Local");

  private final String kubernetesName;

  ExternalTrafficPolicy(String kubernetesName) {
    this.kubernetesName = kubernetesName;
  }

  /** The value of {@code spec.externalTrafficPolicy} of a Service. */
  public String kubernetesName() {
    return kubernetesName;
  }
}
