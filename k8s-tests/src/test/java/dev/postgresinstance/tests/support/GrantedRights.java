package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.util.List;

/** What a role gives the operator: each of it can be taken away, and is given back. */
public final class GrantedRights {

  private final HasMetadata role;
  private final String user;

  /** The rights of the role as it is in the cluster now. */
  GrantedRights(HasMetadata role, String user) {
    this.role = Cluster.now(role);
    this.user = user;
  }

  /** All of them, in the order of the role. */
  public List<Right> all() {
    return rules(role).stream().flatMap(Right::of).toList();
  }

  /** Takes one away and no other, and returns when the API server refuses it. */
  public void take(Right right) {
    take(List.of(right));
  }

  /** The same of several at once. */
  public void take(List<Right> rights) {
    write(
        all().stream()
            .filter(right -> !rights.contains(right))
            .map(
                right ->
                    new PolicyRuleBuilder()
                        .withApiGroups(right.group())
                        .withResources(right.resource())
                        .withVerbs(right.verb())
                        .withResourceNames(right.objects())
                        .build())
            .toList());
    rights.forEach(right -> waitUntil(right, false));
  }

  /** Gives all of them, and returns when the API server lets them through. */
  public void giveBack() {
    write(rules(role));
    all().forEach(right -> waitUntil(right, true));
  }

  private void write(List<PolicyRule> rules) {
    switch (Cluster.now(role)) {
      case ClusterRole present -> Cluster.edit(present, edited -> edited.setRules(rules));
      case Role present -> Cluster.edit(present, edited -> edited.setRules(rules));
      case HasMetadata other -> throw new IllegalStateException(other + " is no role");
    }
  }

  private static List<PolicyRule> rules(HasMetadata role) {
    return switch (role) {
      case ClusterRole all -> all.getRules();
      case Role some -> some.getRules();
      default -> throw new IllegalArgumentException(role + " is no role");
    };
  }

  private void waitUntil(Right right, boolean allowed) {
    Eventually.that(
        "the right to %s is %s".formatted(right, allowed ? "there" : "gone"),
        () ->
            assertThat(isAllowed(user, right, role.getMetadata().getNamespace()))
                .isEqualTo(allowed));
  }

  /** Whether the API server would let that user do it; {@code namespace} null means in all. */
  static boolean isAllowed(String user, Right right, String namespace) {
    String[] resource = right.resource().split("/", 2);
    return TestCluster.client()
        .authorization()
        .v1()
        .subjectAccessReview()
        .create(
            new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(user)
                .withNewResourceAttributes()
                .withVerb(right.verb())
                .withGroup(right.group())
                .withResource(resource[0])
                .withSubresource(resource.length == 1 ? null : resource[1])
                .withNamespace(namespace)
                .withName(right.objects().stream().findFirst().orElse(null))
                .endResourceAttributes()
                .endSpec()
                .build())
        .getStatus()
        .getAllowed();
  }
}
