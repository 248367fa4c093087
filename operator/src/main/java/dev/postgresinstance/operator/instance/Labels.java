package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;
import java.util.TreeMap;

/**
 * Labels and annotations of the children.
 *
 * <p>Never {@code app.kubernetes.io/instance}: Argo CD tracks the objects of an application by that
 * label and would prune the claim and the Secrets that outlive the resource.
 */
public final class Labels {

  /** Label: name of the PostgresInstance that an object belongs to. */
  public static final String INSTANCE = PostgresInstance.GROUP + "/instance";

  /**
   * Label of a pod: name of the PostgresInstance that it serves. Such a pod must not have the label
   * {@link #INSTANCE}, by which the Service finds the server.
   */
  public static final String HELPER_OF = PostgresInstance.GROUP + "/helper-of";

  /**
   * Label of a Job and its pod: name of the PostgresBackup that they make. Annotation of the Job of
   * a verification: name of the PostgresBackup that it restores.
   */
  public static final String BACKUP = PostgresInstance.GROUP + "/backup";

  /** On a PostgresBackup: the moment of the schedule for which it was created, in RFC 3339. */
  public static final String SCHEDULED = PostgresInstance.GROUP + "/scheduled";

  /** Label that Kubernetes gives to the pods of a Job: name of the Job. */
  public static final String JOB_NAME = "batch.kubernetes.io/job-name";

  /** Identity of the data that an object belongs to; see {@link Identity}. */
  public static final String INSTANCE_ID = PostgresInstance.GROUP + "/instance-id";

  /** On the pod: hash of the spec fields, other than the image, that take effect by a restart. */
  public static final String RESTART_HASH = PostgresInstance.GROUP + "/restart-hash";

  /** On the pod: hash of the pod template, as the operator that created the pod rendered it. */
  public static final String TEMPLATE_HASH = PostgresInstance.GROUP + "/template-hash";

  /**
   * On the resource: any value; changing it requests one restart. On the pod: the value with which
   * the pod was created.
   */
  public static final String RESTART = PostgresInstance.GROUP + "/restart";

  /** On the resource: instance id, or system identifier, of other data that the user accepts. */
  public static final String ADOPT = PostgresInstance.GROUP + "/adopt";

  /**
   * On the pod: hash of the configuration that the mounted ConfigMap should hold, and a time. A
   * change makes the kubelet refresh the volume at once instead of within a minute.
   */
  public static final String CONFIGURATION = PostgresInstance.GROUP + "/configuration";

  /**
   * On the pod: size to which its node must grow the file system, and a time. A change makes the
   * kubelet act at once.
   */
  public static final String VOLUME_SIZE = PostgresInstance.GROUP + "/volume-size";

  /**
   * On the pod: the certificate that the mounted Secret should hold, and a time. A change makes the
   * kubelet refresh the volume at once.
   */
  public static final String CERTIFICATE = PostgresInstance.GROUP + "/certificate";

  /** On the StatefulSet: the volume growth for which the pod is, or was, stopped. */
  public static final String POD_AWAY_FOR = PostgresInstance.GROUP + "/pod-away-for";

  /** On the StatefulSet: when the pod starts again at the latest, in seconds since the epoch. */
  public static final String POD_AWAY_UNTIL = PostgresInstance.GROUP + "/pod-away-until";

  /**
   * On the StatefulSet: since when no server runs, because a restore in place exchanges the claims.
   */
  public static final String STOPPED_SINCE = PostgresInstance.GROUP + "/stopped-since";

  /** On the ConfigMap: the configuration that PostgreSQL rejected. */
  public static final String REFUSED_CONFIGURATION =
      PostgresInstance.GROUP + "/refused-configuration";

  /**
   * On the ConfigMap: the configuration that a login after its reload has proven. A login that is
   * rejected later has another cause.
   */
  public static final String ACCEPTED_CONFIGURATION =
      PostgresInstance.GROUP + "/accepted-configuration";

  /** On the pod: image that the spec named when the pod was created; empty when it named none. */
  public static final String ASKED_IMAGE = PostgresInstance.GROUP + "/asked-image";

  /**
   * On the pod: image in the pod template from which the pod was created. Admission webhooks may
   * have replaced the reference in the pod itself.
   */
  public static final String TEMPLATE_IMAGE = PostgresInstance.GROUP + "/template-image";

  /**
   * On the StatefulSet: the value of kubectl's annotation {@code restartedAt} that needs no restart
   * any more; empty when there was none.
   */
  public static final String ROLLOUT_RESTART = PostgresInstance.GROUP + "/rollout-restart";

  /** On the Job of a restore: hash of what the Job was made from. */
  public static final String RESTORE = PostgresInstance.GROUP + "/restore";

  /** On the Job of a restore: UID of the claim onto which it restores. */
  public static final String RESTORE_CLAIM = PostgresInstance.GROUP + "/restore-claim";

  /**
   * On the resource: the state to restore in place, and the UID of the claim whose data it
   * replaces. On a claim that has not been in use, and on the Job of the restore: the value for
   * which it was created.
   */
  public static final String RESTORE_TO = PostgresInstance.GROUP + "/restore-to";

  /**
   * On the resource: any value; changing it requests one verification of a backup. On the Job: the
   * value with which the Job was created.
   */
  public static final String VERIFY_BACKUP = PostgresInstance.GROUP + "/verify-backup";

  /** On the Job that deletes backups: their folders in the archive. */
  public static final String DELETED_BACKUPS = PostgresInstance.GROUP + "/deleted-backups";

  /** On the StatefulSet: the image that did not work. */
  public static final String REFUSED_IMAGE = PostgresInstance.GROUP + "/refused-image";

  /** Value of the managed-by label, and field manager of server-side apply. */
  public static final String MANAGER = "postgres-instance-operator";

  /** UID of an owner that does not exist. */
  private static final String NO_OWNER = "00000000-0000-0000-0000-000000000000";

  private static final String MANAGED_BY = "app.kubernetes.io/managed-by";

  /** Label selector for all children of all instances. */
  public static final String SELECTOR = MANAGED_BY + "=" + MANAGER;

  private static final Map<String, String> NO_PRUNE =
      Map.of(
          "argocd.argoproj.io/sync-options", "Prune=false,Delete=false",
          "argocd.argoproj.io/compare-options", "IgnoreExtraneous");

  private Labels() {}

  /** The labels by which Service and StatefulSet select the pod. */
  public static Map<String, String> selector(HasMetadata instance) {
    return Map.of(MANAGED_BY, MANAGER, INSTANCE, instance.getMetadata().getName());
  }

  /**
   * All labels of a child.
   *
   * @param component value of the label {@code app.kubernetes.io/component}
   */
  public static Map<String, String> of(HasMetadata instance, String component) {
    Map<String, String> labels = new TreeMap<>(selector(instance));
    labels.put("app.kubernetes.io/name", "postgres-instance");
    labels.put("app.kubernetes.io/component", component);
    return labels;
  }

  /** The labels of a pod that serves an instance, but not its clients. */
  public static Map<String, String> ofHelper(HasMetadata instance, String component) {
    Map<String, String> labels = of(instance, component);
    labels.remove(INSTANCE);
    labels.put(HELPER_OF, instance.getMetadata().getName());
    return labels;
  }

  /**
   * Metadata of a child that the resource owns: the garbage collector deletes it with the resource.
   */
  public static ObjectMetaBuilder owned(Snapshot snapshot, String name, String component) {
    PostgresInstance instance = snapshot.instance();
    return common(snapshot, name, component)
        .withOwnerReferences(
            // Without blockOwnerDeletion, which would need a permission on finalizers.
            new OwnerReferenceBuilder()
                .withApiVersion(instance.getApiVersion())
                .withKind(instance.getKind())
                .withName(instance.getMetadata().getName())
                .withUid(instance.getMetadata().getUid())
                .withController(true)
                .build());
  }

  /**
   * Metadata of a child that the spec no longer requests: it is owned by an object that does not
   * exist, so that the garbage collector deletes it. The operator needs no permission to do so.
   */
  public static ObjectMetaBuilder givenUp(Snapshot snapshot, String name, String component) {
    return owned(snapshot, name, component)
        .editFirstOwnerReference()
        .withUid(NO_OWNER)
        .withController(false)
        .endOwnerReference();
  }

  /**
   * Metadata of a child that holds data or passwords: the resource owns it only with {@code
   * deletionPolicy: Delete}. GitOps tools never prune it, under either policy: it is deleted with
   * the resource, never by a sync that went wrong.
   */
  public static ObjectMetaBuilder retained(Snapshot snapshot, String name, String component) {
    ObjectMetaBuilder metadata =
        snapshot.instance().getSpec().deletionPolicy() == DeletionPolicy.DELETE
            ? owned(snapshot, name, component)
            : common(snapshot, name, component);
    return metadata.addToAnnotations(NO_PRUNE);
  }

  /** Metadata of the operator's Secret, which also tells which claim is in use. */
  public static ObjectMeta ofOperatorSecret(Snapshot snapshot) {
    PostgresInstance instance = snapshot.instance();
    return retained(snapshot, Names.operatorSecret(instance), "credentials")
        .addToAnnotations(ClaimInUse.annotations(instance, snapshot.claimName()))
        .build();
  }

  /**
   * Metadata of a child that stays whatever happens to the resource: nothing deletes it but a
   * person.
   */
  public static ObjectMetaBuilder unowned(Snapshot snapshot, String name, String component) {
    return common(snapshot, name, component).addToAnnotations(NO_PRUNE);
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
