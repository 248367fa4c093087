package dev.postgresinstance.operator.children;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;
import java.util.TreeMap;

/**
 * Labels and annotations of the children.
 *
 * <p>Never {@code app.kubernetes.io/instance}: Argo CD tracks by that label what an application
 * made, and would prune the claim and the Secrets that outlive the resource.
 */
public final class Labels {

  /** Which PostgresInstance an object belongs to, by name. */
  public static final String INSTANCE = PostgresInstance.GROUP + "/instance";

  /** The identity of the data that an object belongs to; see {@link Identity}. */
  public static final String INSTANCE_ID = PostgresInstance.GROUP + "/instance-id";

  /** On the pod: what the spec asks for that only a restart brings. */
  public static final String RESTART_HASH = PostgresInstance.GROUP + "/restart-hash";

  /** On the pod: the whole pod template as this version of the operator renders it. */
  public static final String TEMPLATE_HASH = PostgresInstance.GROUP + "/template-hash";

  /** Who makes and keeps the children: label value and field manager of server-side apply. */
  public static final String MANAGER = "postgres-instance-operator";

  private static final String MANAGED_BY = "app.kubernetes.io/managed-by";

  /** Selects all children of all instances. */
  public static final String SELECTOR = MANAGED_BY + "=" + MANAGER;

  private static final Map<String, String> NO_PRUNE =
      Map.of(
          "argocd.argoproj.io/sync-options", "Prune=false,Delete=false",
          "argocd.argoproj.io/compare-options", "IgnoreExtraneous");

  private Labels() {}

  /** The labels by which Service and StatefulSet find the pod. */
  public static Map<String, String> selector(HasMetadata instance) {
    return Map.of(MANAGED_BY, MANAGER, INSTANCE, instance.getMetadata().getName());
  }

  /**
   * All labels of a child.
   *
   * @param component what part of the instance it is
   */
  public static Map<String, String> of(HasMetadata instance, String component) {
    Map<String, String> labels = new TreeMap<>(selector(instance));
    labels.put("app.kubernetes.io/name", "postgres-instance");
    labels.put("app.kubernetes.io/component", component);
    return labels;
  }

  /** Metadata of a child that goes with the resource: owned by it, collected after it. */
  static ObjectMetaBuilder owned(World world, String name, String component) {
    PostgresInstance instance = world.instance();
    return common(world, name, component)
        .withOwnerReferences(
            // Without blockOwnerDeletion, which would need a right on finalizers.
            new OwnerReferenceBuilder()
                .withApiVersion(instance.getApiVersion())
                .withKind(instance.getKind())
                .withName(instance.getMetadata().getName())
                .withUid(instance.getMetadata().getUid())
                .withController(true)
                .build());
  }

  /** Metadata of a child that stays when the resource goes: no owner, and no prey of a prune. */
  static ObjectMetaBuilder retained(World world, String name, String component) {
    return common(world, name, component).addToAnnotations(NO_PRUNE);
  }

  private static ObjectMetaBuilder common(World world, String name, String component) {
    PostgresInstance instance = world.instance();
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(instance.getMetadata().getNamespace())
        .withLabels(of(instance, component))
        .withAnnotations(new TreeMap<>(Map.of(INSTANCE_ID, Identity.of(world))));
  }
}
