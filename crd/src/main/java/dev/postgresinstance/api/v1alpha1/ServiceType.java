package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The type of the instance's Service. */
public enum ServiceType {
  /** A port on each node, for clients outside the cluster. */
  @JsonProperty("NodePort")
  NODE_PORT("NodePort"),
  /** A load balancer of the cluster's provider, for clients outside the cluster. */
  @JsonProperty("LoadBalancer")
  LOAD_BALANCER("LoadBalancer"),
  /** Only for clients inside the cluster. */
  @JsonProperty("ClusterIP")
  CLUSTER_IP("ClusterIP");

  private final String kubernetesName;

  ServiceType(String kubernetesName) {
    this.kubernetesName = kubernetesName;
  }

  /** The value of {@code spec.type} of a Service. */
  public String kubernetesName() {
    return kubernetesName;
  }
}
