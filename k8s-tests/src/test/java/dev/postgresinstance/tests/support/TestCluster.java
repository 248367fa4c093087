package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** The Kubernetes cluster that the tests use. */
public final class TestCluster {

  private TestCluster() {}

  /** A client for the tests themselves; the operator has another. */
  public static KubernetesClient client() {
    return Holder.CLIENT;
  }

  /** How to reach the cluster: the one context the tests may touch, whatever is current. */
  public static Config config() {
    Config config = Config.autoConfigure(Settings.context());
    if (config.getCurrentContext() == null
        || !Settings.context().equals(config.getCurrentContext().getName())) {
      throw new IllegalStateException(
          "The kubeconfig has no context "
              + Settings.context()
              + ". The tests need their cluster: `make test-cluster-up` brings it up, and `eval"
              + " \"$(make -s env)\"` lets a shell or an IDE find it.");
    }
    return new ConfigBuilder(config).withRequestRetryBackoffLimit(1).build();
  }

  /** Tests look at instances that a newer definition has let in. */
  private static ObjectMapper lenient() {
    return new ObjectMapper().enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
  }

  private static KubernetesClient connect() {
    KubernetesClient client =
        new KubernetesClientBuilder()
            .withConfig(config())
            .withKubernetesSerialization(new KubernetesSerialization(lenient(), true))
            .build();
    try {
      client.getKubernetesVersion();
    } catch (KubernetesClientException e) {
      throw new IllegalStateException(
          "No cluster answers at "
              + client.getMasterUrl()
              + " (context "
              + Settings.context()
              + "). The tests need one: `make test-cluster-up` brings it up.",
          e);
    }
    return client;
  }

  /** Made by the first test that needs it, and for all of them. */
  private static final class Holder {
    static final KubernetesClient CLIENT = connect();
  }
}
