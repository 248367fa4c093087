package dev.postgresinstance.operator.feature.roles;

import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.operator.instance.RoleResource;
import dev.postgresinstance.operator.instance.Snapshot;
import dev.postgresinstance.operator.instance.Snapshots;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;

/** PostgresRoles of the instance {@code orders}. */
final class RoleStories {

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private RoleStories() {}

  /**
   * A PostgresRole without a Secret.
   *
   * @param created time of its creation, in January 2026
   * @param spec in YAML, without the instance
   */
  static RoleResource role(String name, int created, String spec) {
    return new RoleResource(
        YAML.unmarshal(
            """
            apiVersion: postgresinstance.dev/v1alpha1
            kind: PostgresRole
            metadata:
              name: %1$s
              namespace: shop
              uid: uid-%1$s
              generation: 1
              creationTimestamp: "2026-01-%2$02dT00:00:00Z"
            spec:
              instanceRef: {name: orders}
            %3$s
            """
                .formatted(name, created, spec.indent(2)),
            PostgresRole.class),
        Optional.empty());
  }

  /** The role after its Secret was written. */
  static RoleResource published(Snapshot snapshot, RoleResource role, String password) {
    return with(role, RoleSecret.desired(snapshot, role, password));
  }

  static RoleResource with(RoleResource role, Secret secret) {
    return new RoleResource(role.resource(), Optional.of(secret));
  }

  /** The instance with these PostgresRoles. */
  static Snapshot orders(RoleResource... roles) {
    Snapshot snapshot = Snapshots.of("{username: app, database: shop}");
    for (RoleResource role : roles) {
      snapshot = Snapshots.withRole(snapshot, role);
    }
    return snapshot;
  }
}
