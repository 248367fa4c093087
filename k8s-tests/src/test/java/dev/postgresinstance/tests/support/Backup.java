package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.DeletionPolicy;
import dev.postgresinstance.api.v1alpha1.InstanceReference;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresBackupStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A PostgresBackup in the test cluster. */
public final class Backup {

  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  private final String namespace;
  private final String name;

  private Backup(String namespace, String name) {
    this.namespace = namespace;
    this.name = name;
  }

  /** Requests a base backup. */
  public static Backup create(String namespace, String name, String instance) {
    return create(namespace, name, instance, DeletionPolicy.RETAIN);
  }

  private static Backup create(
      String namespace, String name, String instance, DeletionPolicy policy) {
    PostgresBackup backup = new PostgresBackup();
    backup.setMetadata(new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
    backup.setSpec(new PostgresBackupSpec(new InstanceReference(instance), policy));
    TestCluster.client().resource(backup).create();
    return new Backup(namespace, name);
  }

  /** Requests a base backup of an instance and waits until it is complete. */
  public static Backup complete(Instance instance, String name) {
    Backup backup = create(instance.namespace(), name, instance.name());
    backup.eventually(Reason.BACKUP_COMPLETED);
    return backup;
  }

  /** Requests a base backup that is deleted with its resource, and waits until it is complete. */
  public static Backup completeToDelete(Instance instance, String name) {
    Backup backup = create(instance.namespace(), name, instance.name(), DeletionPolicy.DELETE);
    backup.eventually(Reason.BACKUP_COMPLETED);
    return backup;
  }

  /** The PostgresBackup that the status of an instance names as the last one. */
  public static Backup lastOf(Instance instance) {
    return new Backup(instance.namespace(), instance.resource().getStatus().backup().lastBackup());
  }

  /** A PostgresBackup that may exist. */
  public static Backup of(Instance instance, String name) {
    return new Backup(instance.namespace(), name);
  }

  /** The reasons for which any test has waited, and which have occurred. */
  static Set<String> seenReasons() {
    return SEEN;
  }

  /** The name of the resource. */
  public String name() {
    return name;
  }

  /** The resource as it is now. */
  public PostgresBackup resource() {
    return client().get();
  }

  /** Changes what happens to the backup in the store when the resource is deleted. */
  public void setDeletionPolicy(DeletionPolicy policy) {
    client()
        .edit(
            backup -> {
              backup.setSpec(new PostgresBackupSpec(backup.getSpec().instanceRef(), policy));
              return backup;
            });
  }

  /** Deletes the resource. */
  public void delete() {
    client().delete();
  }

  /** Waits until the condition Complete has a reason, and returns the condition. */
  public Condition eventually(Reason reason) {
    return Eventually.nonNull(
        "PostgresBackup %s has reason %s".formatted(name, reason.word()),
        () -> {
          Optional<Condition> complete = complete();
          assertThat(complete.map(Condition::getReason)).contains(reason.word());
          SEEN.add(reason.word());
          return complete.orElseThrow();
        });
  }

  /** The reason of the condition Complete, if there is one. */
  public Optional<String> reason() {
    return complete().map(Condition::getReason);
  }

  private Optional<Condition> complete() {
    return Optional.ofNullable(resource().getStatus())
        .flatMap(status -> status.condition(PostgresBackupStatus.COMPLETE));
  }

  private Resource<PostgresBackup> client() {
    return TestCluster.client()
        .resources(PostgresBackup.class)
        .inNamespace(namespace)
        .withName(name);
  }
}
