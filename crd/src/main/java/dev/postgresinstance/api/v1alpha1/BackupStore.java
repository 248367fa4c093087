package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Where an instance keeps its backups.
 *
 * @param s3 a bucket of a store that speaks the protocol of Amazon S3; null with {@code volume}
 * @param volume a volume of the cluster; null with {@code s3}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "has(self.s3) != has(self.volume)",
    message = "backup.store must have exactly one of s3 and volume")
public record BackupStore(
    @JsonPropertyDescription("A bucket of a store that speaks the protocol of Amazon S3.")
        S3Store s3,
    @JsonPropertyDescription(
            "A volume of the cluster, whose claim NAME-backup the operator creates. The claim stays"
                + " when the instance is deleted.")
        VolumeStore volume) {}
