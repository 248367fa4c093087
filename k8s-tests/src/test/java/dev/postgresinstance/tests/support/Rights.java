package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the chart lets the operator do: the operator in this JVM may do the same, and no more. */
final class Rights {

  /** The user in whose place it acts. */
  static final String USER = "system:serviceaccount:postgres-instance-tests:operator";

  private static final String NAME = "postgres-instance-operator-tests";

  private Rights() {}

  /** Gives that user the rights of the chart. */
  static void grant() {
    KubernetesClient client = TestCluster.client();
    client.resource(role()).forceConflicts().serverSideApply();
    client.resource(binding()).forceConflicts().serverSideApply();
  }

  /** Takes them back. */
  static void revoke() {
    TestCluster.client().resource(binding()).delete();
    TestCluster.client().resource(role()).delete();
  }

  /**
   * Says which of them were used. When all tests were run, each one must have been.
   *
   * @param used pairs of verb and resource, as {@code list pods}
   */
  static void report(Set<String> used) {
    Set<String> granted = granted();
    Set<String> unused = new TreeSet<>(granted);
    unused.removeAll(used);
    System.out.printf(
        "Rights: %d of %d pairs of verb and resource were used%s%n",
        granted.size() - unused.size(), granted.size(), unused.isEmpty() ? "" : ", not " + unused);
    if (Settings.allTests()) {
      assertThat(unused).as("rights that no test needs").isEmpty();
    }
  }

  private static Set<String> granted() {
    return role().getRules().stream()
        .flatMap(Right::of)
        .map(Right::toString)
        .collect(Collectors.toSet());
  }

  /** As the chart has it, by a name of its own. */
  static ClusterRole role() {
    return Release.render("postgres-instance-operator", "postgres-instance-system").stream()
        .filter(ClusterRole.class::isInstance)
        .map(ClusterRole.class::cast)
        .findFirst()
        .map(
            role ->
                new ClusterRoleBuilder()
                    .withNewMetadata()
                    .withName(NAME)
                    .endMetadata()
                    .withRules(role.getRules())
                    .build())
        .orElseThrow();
  }

  private static ClusterRoleBinding binding() {
    return new ClusterRoleBindingBuilder()
        .withNewMetadata()
        .withName(NAME)
        .endMetadata()
        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", NAME)
        .addNewSubject("rbac.authorization.k8s.io", "User", USER, null)
        .build();
  }
}
