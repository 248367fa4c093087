package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.util.List;

/** The permissions that a role grants to the operator. Tests can revoke and restore them. */
public final class GrantedPermissions {

  private final HasMetadata role;
  private final String user;

  /** The permissions of the role as it is in the cluster now. */
  GrantedPermissions(HasMetadata role, String user) {
    this.role = Cluster.current(role);
    this.user = user;
  }

  /** All permissions, in the order of the rules of the role. */
  public List<Permission> all() {
    return rules(role).stream().flatMap(Permission::of).toList();
  }

  /** Revokes exactly one permission, and returns when the API server enforces it. */
  public void revoke(Permission permission) {
    revoke(List.of(permission));
  }

  /** Revokes exactly the given permissions, and returns when the API server enforces it. */
  public void revoke(List<Permission> permissions) {
    write(
        all().stream()
            .filter(permission -> !permissions.contains(permission))
            .map(
                permission ->
                    new PolicyRuleBuilder()
                        .withApiGroups(permission.group())
                        .withResources(permission.resource())
                        .withVerbs(permission.verb())
                        .withResourceNames(permission.objects())
                        .build())
            .toList());
    permissions.forEach(permission -> waitUntil(permission, false));
  }

  /** Restores all permissions, and returns when the API server grants them. */
  public void restore() {
    write(rules(role));
    all().forEach(permission -> waitUntil(permission, true));
  }

  private void write(List<PolicyRule> rules) {
    switch (Cluster.current(role)) {
      case ClusterRole present -> Cluster.edit(present, edited -> edited.setRules(rules));
      case Role present -> Cluster.edit(present, edited -> edited.setRules(rules));
      case HasMetadata other -> throw new IllegalStateException(other + " is not a role");
    }
  }

  private static List<PolicyRule> rules(HasMetadata role) {
    return switch (role) {
      case ClusterRole all -> all.getRules();
      case Role some -> some.getRules();
      default -> throw new IllegalArgumentException(role + " is not a role");
    };
  }

  private void waitUntil(Permission permission, boolean allowed) {
    Eventually.that(
        "the permission to %s is %s".formatted(permission, allowed ? "granted" : "revoked"),
        () ->
            assertThat(isAllowed(user, permission, role.getMetadata().getNamespace()))
                .isEqualTo(allowed));
  }

  /**
   * Whether the API server grants the user the permission; {@code namespace} null means all
   * namespaces.
   */
  static boolean isAllowed(String user, Permission permission, String namespace) {
    String[] resource = permission.resource().split("/", 2);
    return TestCluster.client()
        .authorization()
        .v1()
        .subjectAccessReview()
        .create(
            new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser(user)
                .withNewResourceAttributes()
                .withVerb(permission.verb())
                .withGroup(permission.group())
                .withResource(resource[0])
                .withSubresource(resource.length == 1 ? null : resource[1])
                .withNamespace(namespace)
                .withName(permission.objects().stream().findFirst().orElse(null))
                .endResourceAttributes()
                .endSpec()
                .build())
        .getStatus()
        .getAllowed();
  }
}
