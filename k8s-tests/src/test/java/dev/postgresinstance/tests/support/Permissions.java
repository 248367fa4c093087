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

/** Grants the in-process operator exactly the permissions of the chart. */
final class Permissions {

  /** The user that the operator impersonates. */
  static final String USER = "system:serviceaccount:postgres-instance-tests:operator";

  private static final String NAME = "postgres-instance-operator-tests";

  private Permissions() {}

  /** Grants the user the permissions of the chart. */
  static void grant() {
    KubernetesClient client = TestCluster.client();
    client.resource(role()).forceConflicts().serverSideApply();
    client.resource(binding()).forceConflicts().serverSideApply();
  }

  /** Revokes all permissions of the user. */
  static void revoke() {
    TestCluster.client().resource(binding()).delete();
    TestCluster.client().resource(role()).delete();
  }

  /**
   * Prints the number of used permissions. After a run of all tests, every permission must have
   * been used.
   *
   * @param used pairs of verb and resource, as {@code list pods}
   */
  static void report(Set<String> used) {
    Set<String> granted = granted();
    Set<String> unused = new TreeSet<>(granted);
    unused.removeAll(used);
    System.out.printf(
        "Permissions: %d of %d pairs of verb and resource were used%s%n",
        granted.size() - unused.size(), granted.size(), unused.isEmpty() ? "" : ", not " + unused);
    if (Settings.allTests()) {
      assertThat(unused).as("permissions that no test needs").isEmpty();
    }
  }

  private static Set<String> granted() {
    return role().getRules().stream()
        .flatMap(Permission::of)
        .map(Permission::toString)
        .collect(Collectors.toSet());
  }

  /** The ClusterRole of the chart, under a different name. */
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
