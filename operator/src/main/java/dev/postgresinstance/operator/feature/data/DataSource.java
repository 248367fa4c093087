package dev.postgresinstance.operator.feature.data;

import dev.postgresinstance.api.v1alpha1.ArchiveSource;
import dev.postgresinstance.api.v1alpha1.InstanceSource;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceSpec;
import dev.postgresinstance.api.v1alpha1.RecoveryTarget;
import dev.postgresinstance.api.v1alpha1.S3Store;
import dev.postgresinstance.operator.common.Hashes;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Identifies the backup from which data was created. */
public final class DataSource {

  private DataSource() {}

  /**
   * Identifies {@code spec.source}; empty when there is none. Only by what decides about the
   * content of the data: another Secret with credentials makes no other source. The text is
   * recorded with the data, so it must never change for an unchanged source.
   */
  public static String of(PostgresInstanceSpec spec) {
    return Optional.ofNullable(spec.source())
        .map(source -> Hashes.brief(place(source) + "\n" + target(source.target())))
        .orElse("");
  }

  private static String place(InstanceSource source) {
    if (source.backup() != null) {
      return "backup " + source.backup().name();
    }
    if (source.instance() != null) {
      return "instance " + source.instance().name();
    }
    ArchiveSource archive = source.archive();
    if (archive.store().volume() != null) {
      return text("volume", archive.store().volume().claimName(), archive.instanceId());
    }
    S3Store store = archive.store().s3();
    return text("archive", store.endpoint(), store.bucket(), store.prefix(), archive.instanceId());
  }

  private static String target(RecoveryTarget target) {
    return target == null
        ? "latest"
        : text(
            "target",
            target.time(),
            target.lsn(),
            Boolean.TRUE.equals(target.endOfBackup()) ? "end" : null);
  }

  private static String text(String... parts) {
    return Stream.of(parts)
        .map(part -> Objects.requireNonNullElse(part, ""))
        .collect(Collectors.joining(" "));
  }
}
