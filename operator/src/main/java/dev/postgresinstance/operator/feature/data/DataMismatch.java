package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.operator.instance.ObjectKey;
import dev.postgresinstance.operator.instance.ServerUser;
import dev.postgresinstance.operator.instance.Snapshot;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Why a spec does not fit the data that is there. */
final class DataMismatch {

  private DataMismatch() {}

  /** The first difference, in a sentence; empty when the spec fits the data. */
  static Optional<String> of(DataRecord record, Snapshot snapshot) {
    PostgresInstanceSpec spec = snapshot.instance().getSpec();
    String requested = spec.storage().storageClassName();
    String present =
        snapshot
            .get(ObjectKey.CLAIM)
            .map(claim -> claim.getSpec().getStorageClassName())
            .orElse(requested);
    return Stream.of(
            difference("version", record.major(), spec.version().text()),
            difference("database", record.database(), spec.database()),
            difference("username", record.username(), spec.username()),
            difference("pod.runAsUser", record.runAsUser(), String.valueOf(ServerUser.id(spec))),
            difference(
                "storage.storageClassName",
                shown(present),
                shown(requested == null ? present : requested)),
            ofSource(record, spec))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * Without this, the data of a former instance would pass for the state that a person has ordered.
   * A source that is no longer named does not matter: the data is there.
   */
  private static Optional<String> ofSource(DataRecord record, PostgresInstanceSpec spec) {
    return spec.source() == null || record.source().equals(DataSource.of(spec))
        ? Optional.empty()
        : Optional.of(
            ("The volume already contains data (system identifier %s) that was not created from"
                    + " this spec.source, and a restore overwrites nothing. Nothing was changed. To"
                    + " use the data that is there, check that status.storage.retained is true,"
                    + " delete this PostgresInstance, and create it again without spec.source. To"
                    + " restore, create an instance of another name.")
                .formatted(record.systemIdentifier()));
  }

  /**
   * The name of a StorageClass as a manifest has it: an empty one means a volume without a class.
   */
  private static String shown(String storageClass) {
    return "".equals(storageClass) ? "\"\"" : storageClass;
  }

  private static Optional<String> difference(String field, String recorded, String requested) {
    return Objects.equals(requested, recorded)
        ? Optional.empty()
        : Optional.of(
            "The data was initialized with %s %s, but the spec says %s. Nothing was changed; %s"
                .formatted(field, recorded, requested, remedy(field, recorded)));
  }

  /** Every field but the version is immutable, so the resource has to be created again. */
  private static String remedy(String field, String recorded) {
    return field.equals("version")
        ? "set spec.version back to \"%s\".".formatted(recorded)
        : ("the field is immutable: check that status.storage.retained is true, delete this"
                + " PostgresInstance, and create it again with spec.%s %s.")
            .formatted(field, recorded);
  }
}
