package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/**
 * A place for backups.
 *
 * @param s3 a bucket of a store that speaks the protocol of Amazon S3
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackupStore(
    @JsonPropertyDescription("A bucket of a store that speaks the protocol of Amazon S3.") @Required
        S3Store s3) {}
