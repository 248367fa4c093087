package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Where an archive lies.
 *
 * @param s3 a bucket of a store that speaks the protocol of Amazon S3; null with {@code volume}
 * @param volume a volume of the cluster; null with {@code s3}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "has(self.s3) != has(self.volume)",
    message = "archive.store must have exactly one of s3 and volume")
public record ArchiveStore(
    @JsonPropertyDescription("A bucket of a store that speaks the protocol of Amazon S3.")
        S3Store s3,
    @JsonPropertyDescription("A volume of the cluster.") ArchiveVolume volume) {

  /**
   * Where the archive of an instance lies.
   *
   * @param store what its spec says
   * @param claim name of its claim for backups
   */
  public static ArchiveStore of(BackupStore store, String claim) {
    return new ArchiveStore(store.s3(), store.volume() == null ? null : new ArchiveVolume(claim));
  }
}
