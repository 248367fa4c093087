package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.InstanceReference;
import dev.postgresinstance.api.v1alpha1.PostgresBackup;
import dev.postgresinstance.api.v1alpha1.PostgresBackupSpec;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import dev.postgresinstance.operator.instance.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which instance an object belongs to. */
final class InstanceMapping {

  /** Index of instances by the Secrets of users that they name. */
  static final String BY_USER_SECRET = "user-secret";

  /** Index of instances by the backup from which they are restored. */
  static final String BY_SOURCE_BACKUP = "source-backup";

  /** Index of instances by the instance of which they are clones. */
  static final String BY_SOURCE_INSTANCE = "source-instance";

  /** The indexes of instances. */
  static final Map<String, Function<PostgresInstance, List<String>>> INDEXES =
      Map.of(
          BY_USER_SECRET, InstanceMapping::userSecrets,
          BY_SOURCE_BACKUP, InstanceMapping::sources,
          BY_SOURCE_INSTANCE, InstanceMapping::originals);

  private InstanceMapping() {}

  /** The instances that refer to an object, by one of the indexes. */
  static Set<ResourceID> referringTo(
      HasMetadata object, String index, IndexedResourceCache<PostgresInstance> instances) {
    String key = key(object.getMetadata().getNamespace(), object.getMetadata().getName());
    return instances.byIndex(index, key).stream()
        .map(ResourceID::fromResource)
        .collect(Collectors.toSet());
  }

  /** The instance that the backup is one of, and those that are restored from it. */
  static Set<ResourceID> ofBackup(
      PostgresBackup backup, IndexedResourceCache<PostgresInstance> instances) {
    return Stream.of(primary(backup), referringTo(backup, BY_SOURCE_BACKUP, instances))
        .flatMap(Set::stream)
        .collect(Collectors.toSet());
  }

  /** The instance that is reconciled when the object changes; empty when there is none. */
  static Set<ResourceID> primary(HasMetadata object) {
    return instance(object)
        .map(name -> Set.of(new ResourceID(name, object.getMetadata().getNamespace())))
        .orElse(Set.of());
  }

  /** The values of an index of instances by the Secrets of users that their specs name. */
  static List<String> userSecrets(PostgresInstance instance) {
    return keys(instance, ObjectKey.USER_PASSWORD_SECRET, ObjectKey.USER_CERTIFICATE_SECRET);
  }

  /** The values of an index of instances by the backup that their source names. */
  static List<String> sources(PostgresInstance instance) {
    return keys(instance, ObjectKey.SOURCE_BACKUP);
  }

  /** The values of an index of instances by the instance that their source names. */
  static List<String> originals(PostgresInstance instance) {
    return keys(instance, ObjectKey.SOURCE_INSTANCE);
  }

  private static List<String> keys(PostgresInstance instance, ObjectKey<?>... referred) {
    return Stream.of(referred)
        .flatMap(key -> key.name(instance).stream())
        .map(name -> key(instance.getMetadata().getNamespace(), name))
        .distinct()
        .toList();
  }

  /** The values of an index by instance. */
  static List<String> keys(HasMetadata object) {
    return instance(object)
        .map(name -> List.of(key(object.getMetadata().getNamespace(), name)))
        .orElse(List.of());
  }

  /** The value of an index for a namespace and a name. */
  static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  private static Optional<String> instance(HasMetadata object) {
    if (object instanceof PostgresBackup backup) {
      return Optional.ofNullable(backup.getSpec())
          .map(PostgresBackupSpec::instanceRef)
          .map(InstanceReference::name);
    }
    Map<String, String> labels = object.getMetadata().getLabels();
    return Optional.ofNullable(labels.getOrDefault(Labels.INSTANCE, labels.get(Labels.HELPER_OF)));
  }
}
