package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;

/**
 * A ValidatingAdmissionPolicy that rejects all writes of one Secret, and of no other object.
 *
 * @param namespace namespace of the Secret
 * @param secret its name
 * @param dryRunsPass whether a dry run of a rejected write succeeds
 */
public record SecretPolicy(String namespace, String secret, boolean dryRunsPass) {

  /** The message with which the policy rejects a write. */
  public static final String MESSAGE = "this Secret is frozen";

  /** A Secret of this name, which only tests write, shows whether the policy is in effect. */
  private static final String PROBE = "policy-probe";

  /** What a test does while the policy is in effect. */
  @FunctionalInterface
  public interface Body<E extends Exception> {
    void run() throws E;
  }

  /** Creates the policy, and removes it again after the body. */
  public <E extends Exception> void during(Body<E> body) throws E {
    Command.runWith(
        manifest(),
        Settings.kubectl(),
        "--context=" + Settings.context(),
        "create",
        "--filename=-");
    try {
      Eventually.that("the policy rejects", () -> assertThat(isInEffect()).isTrue());
      body.run();
    } finally {
      Cluster.kubectl("delete", "validatingadmissionpolicybinding", name());
      Cluster.kubectl("delete", "validatingadmissionpolicy", name());
    }
    Eventually.that("the policy rejects nothing", () -> assertThat(isInEffect()).isFalse());
  }

  private String name() {
    return namespace + "-" + secret;
  }

  /** The API server learns of a policy with a delay. */
  private boolean isInEffect() {
    try {
      probe().create();
      probe().delete();
      return false;
    } catch (KubernetesClientException e) {
      if (e.getMessage().contains(MESSAGE)) {
        return true;
      }
      throw e;
    }
  }

  private Resource<Secret> probe() {
    return TestCluster.client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(PROBE)
                .endMetadata()
                .build());
  }

  private String manifest() {
    return """
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: %1$s}
        spec:
          failurePolicy: Fail
          matchConstraints:
            namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
            resourceRules:
            - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [secrets]}
          validations:
          - expression: >-
              !(object.metadata.name in ["%3$s", "%4$s"]) || (%5$s && has(request.dryRun) && request.dryRun)
            message: %6$s
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: %1$s}
        spec: {policyName: %1$s, validationActions: [Deny]}
        """
        .formatted(name(), namespace, secret, PROBE, dryRunsPass, MESSAGE);
  }
}
