package dev.postgresinstance.operator.instance;

import dev.postgresinstance.api.v1alpha1.BackupReference;
import dev.postgresinstance.api.v1alpha1.InstanceReference;
import dev.postgresinstance.api.v1alpha1.InstanceSource;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Identifies one object of an instance in a {@link Snapshot}: its kind, how its name follows from
 * the instance, and how long it lives. A new child needs one constant here.
 *
 * @param <T> kind of the object
 */
public final class ObjectKey<T extends HasMetadata> {

  /** How long an object lives, and who writes it. */
  public enum Lifetime {
    /** Written by the operator for every instance; deleted with the resource. */
    OWNED,
    /** Written by the operator for every instance; kept or deleted as spec.deletionPolicy says. */
    RETAINED,
    /** Written by the operator while the spec requests it; its metadata says how long it lives. */
    ON_REQUEST,
    /** Read only: another controller or a user writes it. */
    FOREIGN
  }

  /** Filled by what makes a constant, so that none is missing in {@link #ALL}. */
  private static final List<ObjectKey<?>> CONSTANTS = new ArrayList<>();

  /** The Service that clients connect to. */
  public static final ObjectKey<Service> SERVICE =
      child(Service.class, Names::service, Lifetime.OWNED);

  /** The claim of the data volume. Its name is {@link Snapshot#claimName()}. */
  public static final ObjectKey<PersistentVolumeClaim> CLAIM =
      child(PersistentVolumeClaim.class, Names::claim, Lifetime.RETAINED);

  /**
   * The claim onto which the data is restored in place, while the resource requests that; as soon
   * as it is in use, the same as {@link #CLAIM}.
   */
  public static final ObjectKey<PersistentVolumeClaim> RESTORE_CLAIM =
      onRequest(
          PersistentVolumeClaim.class,
          Names::restoredClaim,
          SpecReferences::requestsRestoreInPlace);

  /** The published credentials. */
  public static final ObjectKey<Secret> APP_SECRET =
      child(Secret.class, Names::appSecret, Lifetime.RETAINED);

  /** The credentials of the operator's own role, and the verifiers of all roles. */
  public static final ObjectKey<Secret> OPERATOR_SECRET =
      child(Secret.class, Names::operatorSecret, Lifetime.RETAINED);

  /** The superuser's credentials, while the spec requests superuser access. */
  public static final ObjectKey<Secret> SUPERUSER_SECRET =
      onRequest(
          Secret.class,
          Names::superuserSecret,
          instance -> Boolean.TRUE.equals(instance.getSpec().superuserAccess()));

  /** The authority that signs the server's certificates. */
  public static final ObjectKey<Secret> CA_SECRET =
      child(Secret.class, Names::caSecret, Lifetime.RETAINED);

  /** The certificate of the server. */
  public static final ObjectKey<Secret> TLS_SECRET =
      child(Secret.class, Names::tlsSecret, Lifetime.OWNED);

  /** Newer than instances that exist, which do without them if others have such an object. */
  private static final Set<ObjectKey<?>> DISPENSABLE = Set.of(CA_SECRET, TLS_SECRET);

  /** The claim of the volume with the backups, while the spec requests one. */
  public static final ObjectKey<PersistentVolumeClaim> BACKUP_CLAIM =
      onRequest(
          PersistentVolumeClaim.class,
          Names::backupClaim,
          instance ->
              SpecReferences.requestsBackup(instance)
                  && instance.getSpec().backup().store().volume() != null);

  /** The credentials of the role that makes backups, while the spec requests them. */
  public static final ObjectKey<Secret> BACKUP_SECRET =
      onRequest(Secret.class, Names::backupSecret, SpecReferences::requestsBackup);

  /** The scripts of the backup pods, while the spec requests backups. */
  public static final ObjectKey<ConfigMap> BACKUP_CONFIG_MAP =
      onRequest(ConfigMap.class, Names::backupConfigMap, SpecReferences::requestsBackup);

  /** What archives the write-ahead log, while the spec requests it. */
  public static final ObjectKey<StatefulSet> BACKUP_STATEFUL_SET =
      onRequest(StatefulSet.class, Names::backupStatefulSet, SpecReferences::requestsBackup);

  /** The pod that archives the write-ahead log. */
  public static final ObjectKey<Pod> BACKUP_POD =
      child(Pod.class, Names::backupPod, Lifetime.FOREIGN);

  /** The Job that restores the data. It may be gone once there is data. */
  public static final ObjectKey<Job> RESTORE_JOB =
      onRequest(Job.class, Names::restoreJob, SpecReferences::requestsRestore);

  /** The Job that verifies a backup. It is gone a while after its end. */
  public static final ObjectKey<Job> VERIFY_JOB =
      onRequest(Job.class, Names::verifyJob, SpecReferences::requestsVerification);

  /** The Job that deletes backups from the store. Mostly there is none, so the cache must do. */
  public static final ObjectKey<Job> BACKUP_DELETION_JOB =
      onRequest(Job.class, Names::backupDeletionJob, instance -> false);

  /** The start script and the server's configuration. */
  public static final ObjectKey<ConfigMap> CONFIG_MAP =
      child(ConfigMap.class, Names::configMap, Lifetime.OWNED);

  /** The StatefulSet that runs the server. */
  public static final ObjectKey<StatefulSet> STATEFUL_SET =
      child(StatefulSet.class, Names::statefulSet, Lifetime.OWNED);

  /** The pod of the StatefulSet. */
  public static final ObjectKey<Pod> POD = child(Pod.class, Names::pod, Lifetime.FOREIGN);

  /** The Secret that spec.passwordSecretRef names. */
  public static final ObjectKey<Secret> USER_PASSWORD_SECRET =
      foreign(Secret.class, SpecReferences::userPasswordSecret);

  /** The Secret that spec.tls.secretName names. */
  public static final ObjectKey<Secret> USER_CERTIFICATE_SECRET =
      foreign(Secret.class, SpecReferences::userCertificateSecret);

  /** The backup that spec.source names, of whichever instance. */
  public static final ObjectKey<PostgresBackup> SOURCE_BACKUP =
      foreign(
          PostgresBackup.class,
          instance ->
              SpecReferences.source(instance)
                  .map(InstanceSource::backup)
                  .map(BackupReference::name));

  /** The instance that spec.source names, of which this one is a clone. */
  public static final ObjectKey<PostgresInstance> SOURCE_INSTANCE =
      foreign(
          PostgresInstance.class,
          instance ->
              SpecReferences.source(instance)
                  .map(InstanceSource::instance)
                  .map(InstanceReference::name));

  /** All objects, in the order in which they are reported. */
  public static final List<ObjectKey<?>> ALL = List.copyOf(CONSTANTS);

  private final Class<T> kind;
  private final Function<PostgresInstance, Optional<String>> name;
  private final Lifetime lifetime;
  private final Predicate<PostgresInstance> requested;

  private ObjectKey(
      Class<T> kind,
      Function<PostgresInstance, Optional<String>> name,
      Lifetime lifetime,
      Predicate<PostgresInstance> requested) {
    this.kind = kind;
    this.name = name;
    this.lifetime = lifetime;
    this.requested = requested;
  }

  private static <T extends HasMetadata> ObjectKey<T> constant(ObjectKey<T> key) {
    CONSTANTS.add(key);
    return key;
  }

  private static <T extends HasMetadata> ObjectKey<T> child(
      Class<T> kind, Function<HasMetadata, String> name, Lifetime lifetime) {
    return constant(
        new ObjectKey<>(
            kind, instance -> Optional.of(name.apply(instance)), lifetime, instance -> true));
  }

  private static <T extends HasMetadata> ObjectKey<T> onRequest(
      Class<T> kind, Function<HasMetadata, String> name, Predicate<PostgresInstance> requested) {
    return constant(
        new ObjectKey<>(
            kind, instance -> Optional.of(name.apply(instance)), Lifetime.ON_REQUEST, requested));
  }

  private static <T extends HasMetadata> ObjectKey<T> foreign(
      Class<T> kind, Function<PostgresInstance, Optional<String>> name) {
    return constant(new ObjectKey<>(kind, name, Lifetime.FOREIGN, instance -> true));
  }

  /** One of several objects of a kind; in no snapshot, except for a claim of the instance. */
  public static <T extends HasMetadata> ObjectKey<T> oneOf(Class<T> kind, String name) {
    return new ObjectKey<>(
        kind, instance -> Optional.of(name), Lifetime.ON_REQUEST, instance -> true);
  }

  /** Kind of the object. */
  public Class<T> kind() {
    return kind;
  }

  /** Name of the object in the instance's namespace; empty when the spec names none. */
  public Optional<String> name(PostgresInstance instance) {
    return name.apply(instance);
  }

  /** How long the object lives. */
  public Lifetime lifetime() {
    return lifetime;
  }

  /** Whether the spec requests the object; true for all that are not {@code ON_REQUEST}. */
  public boolean isRequested(PostgresInstance instance) {
    return requested.test(instance);
  }

  /** Whether the operator does without the child if somebody else has an object of its name. */
  public boolean isDispensable() {
    return DISPENSABLE.contains(this);
  }

  /** Whether the operator writes the object. */
  public boolean isChild() {
    return lifetime != Lifetime.FOREIGN;
  }

  /** Whether this key identifies the object for the instance. */
  public boolean identifies(PostgresInstance instance, HasMetadata object) {
    return kind.isInstance(object)
        && name(instance).filter(object.getMetadata().getName()::equals).isPresent();
  }
}
