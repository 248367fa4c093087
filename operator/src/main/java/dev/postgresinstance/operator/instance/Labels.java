package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
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

  /** On the pod: what the spec asks for, other than an image, that only a restart brings. */
  public static final String RESTART_HASH = PostgresInstance.GROUP + "/restart-hash";

  /** On the pod: the whole pod template as this version of the operator renders it. */
  public static final String TEMPLATE_HASH = PostgresInstance.GROUP + "/template-hash";

  /**
   * On the resource: any text, another one restarts once. On the pod: the text it was made with.
   */
  public static final String RESTART = PostgresInstance.GROUP + "/restart";

  /**
   * On the pod: the configuration that its volume should hold by now, and when it was last said. A
   * change makes the kubelet look at once instead of within a minute.
   */
  public static final String CONFIGURATION = PostgresInstance.GROUP + "/configuration";

  /**
   * On the pod: the size to which its node has to grow the file system, and when it was last said.
   */
  public static final String VOLUME_SIZE = PostgresInstance.GROUP + "/volume-size";

  /** On the StatefulSet: for which growth of its volume the pod is away, or was. */
  public static final String POD_AWAY_FOR = PostgresInstance.GROUP + "/pod-away-for";

  /** On the StatefulSet: when the pod comes back from that in any case, in Unix time. */
  public static final String POD_AWAY_UNTIL = PostgresInstance.GROUP + "/pod-away-until";

  /** On the ConfigMap: the configuration that PostgreSQL has refused. */
  public static final String REFUSED_CONFIGURATION =
      PostgresInstance.GROUP + "/refused-configuration";

  /** On the pod: the image that the spec named when it was made; empty when it named none. */
  public static final String ASKED_IMAGE = PostgresInstance.GROUP + "/asked-image";

  /** On the StatefulSet: the image that did not work. */
  public static final String REFUSED_IMAGE = PostgresInstance.GROUP + "/refused-image";

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
  public static ObjectMetaBuilder owned(Snapshot snapshot, String name, String component) {
    PostgresInstance instance = snapshot.instance();
    return common(snapshot, name, component)
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

  /**
   * Metadata of a child that holds data or passwords: the resource owns it only where it is to go
   * with it. No prey of a prune in either case: a deletion of the resource is asked for by name,
   * and a synchronisation that goes wrong is not.
   */
  public static ObjectMetaBuilder kept(Snapshot snapshot, String name, String component) {
    ObjectMetaBuilder metadata =
        snapshot.instance().getSpec().deletionPolicy() == DeletionPolicy.DELETE
            ? owned(snapshot, name, component)
            : common(snapshot, name, component);
    return metadata.addToAnnotations(NO_PRUNE);
  }

  private static ObjectMetaBuilder common(Snapshot snapshot, String name, String component) {
    PostgresInstance instance = snapshot.instance();
    return new ObjectMetaBuilder()
        .withName(name)
        .withNamespace(instance.getMetadata().getNamespace())
        .withLabels(of(instance, component))
        .withAnnotations(new TreeMap<>(Map.of(INSTANCE_ID, Identity.of(snapshot))));
  }
}
