package dev.postgresinstance.tests.support;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Access to the Kubernetes cluster of the tests. */
public final class TestCluster {

  private TestCluster() {}

  /** The client of the tests; the operator has its own. */
  public static KubernetesClient client() {
    return Holder.CLIENT;
  }

  /**
   * The configuration for the context of the tests, regardless of the current context of the
   * kubeconfig.
   */
  public static Config config() {
    Config config = Config.autoConfigure(Settings.context());
    if (config.getCurrentContext() == null
        || !Settings.context().equals(config.getCurrentContext().getName())) {
      throw new IllegalStateException(
          "The kubeconfig has no context "
              + Settings.context()
              + ". The tests need their own cluster: `make test-cluster-up` creates it, and `eval"
              + " \"$(make -s env)\"` sets the environment for a shell or an IDE.");
    }
    return new ConfigBuilder(config).withRequestRetryBackoffLimit(1).build();
  }

  /** Tests read instances that a newer CRD accepted, with unknown enum values. */
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
              + "). The tests need a cluster: `make test-cluster-up` creates it.",
          e);
    }
    return client;
  }

  /** Creates the client on first use; all tests share it. */
  private static final class Holder {
    static final KubernetesClient CLIENT = connect();
  }
}
