package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the chart lets the operator do: the operator in this JVM may do the same, and no more. */
final class Rights {

  /** The user in whose place it acts. */
  static final String USER = "system:serviceaccount:postgres-instance-tests:operator";

  private static final String NAME = "postgres-instance-operator-tests";
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

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
    return role().getRules().stream().flatMap(Rights::pairs).collect(Collectors.toSet());
  }

  private static Stream<String> pairs(PolicyRule rule) {
    return rule.getResources().stream()
        .flatMap(resource -> rule.getVerbs().stream().map(verb -> verb + " " + resource));
  }

  private static ClusterRole role() {
    String chart =
        Command.run(
            Settings.helm(),
            "template",
            "postgres-instance-operator",
            Settings.chart(),
            "--show-only=templates/rbac.yaml");
    List<HasMetadata> objects =
        Stream.of(chart.split("(?m)^---$"))
            .filter(document -> !document.isBlank())
            .map(document -> YAML.<HasMetadata>unmarshal(document))
            .toList();
    ClusterRole role =
        objects.stream()
            .filter(ClusterRole.class::isInstance)
            .map(ClusterRole.class::cast)
            .findFirst()
            .orElseThrow();
    return new ClusterRoleBuilder()
        .withNewMetadata()
        .withName(NAME)
        .endMetadata()
        .withRules(role.getRules())
        .build();
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
