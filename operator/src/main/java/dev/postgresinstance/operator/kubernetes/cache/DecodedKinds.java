package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.PostgresRole;
import dev.postgresinstance.api.v1alpha1.PostgresRoleSpec;
import dev.postgresinstance.api.v1alpha1.PostgresRoleStatus;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Map;

/** The kinds that the client of the operator decodes. */
final class DecodedKinds {

  /** What spec and status of our resources are decoded to. */
  static final Map<Class<?>, Parts<?, ?>> PARTS =
      Map.of(
          PostgresInstance.class,
          new Parts<>(PostgresInstanceSpec.class, PostgresInstanceStatus.class),
          PostgresBackup.class,
          new Parts<>(PostgresBackupSpec.class, PostgresBackupStatus.class),
          PostgresRole.class,
          new Parts<>(PostgresRoleSpec.class, PostgresRoleStatus.class));

  /**
   * The types of a resource of our own.
   *
   * @param spec its spec
   * @param status its status
   */
  record Parts<S, T>(Class<S> spec, Class<T> status) {}

  /** All kinds that are watched. By default the client would load hundreds of kinds. */
  static final List<Class<? extends KubernetesResource>> ALL =
      List.of(
          PostgresInstance.class,
          PostgresBackup.class,
          PostgresRole.class,
          Service.class,
          PersistentVolumeClaim.class,
          Secret.class,
          ConfigMap.class,
          StatefulSet.class,
          Job.class,
          Pod.class,
          Status.class);

  private DecodedKinds() {}
}
