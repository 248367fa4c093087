package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The type of the instance's Service. */
public enum ServiceType {
  @JsonProperty("NodePort")
  NODE_PORT("NodePort"),
  @JsonProperty("LoadBalancer")
  LOAD_BALANCER("LoadBalancer"),
  @JsonProperty("ClusterIP")
  CLUSTER_IP("ClusterIP");

  private final String kubernetesName;

  ServiceType(String kubernetesName) {
    this.kubernetesName = kubernetesName;
  }

  /** The word Kubernetes uses in a Service's {@code spec.type}. */
  public String kubernetesName() {
    return kubernetesName;
  }
}
