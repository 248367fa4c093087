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

  /** The value of {@code spec.type} of a Service. */
  public String kubernetesName() {
    return kubernetesName;
  }
}
