package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;

/**
 * Base backups that contain only what has changed since the one before.
 *
 * @param perFull how many of them follow each full backup; 0, the default, makes each backup a full
 *     one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IncrementalBackups(
    @JsonPropertyDescription(
            "How many incremental backups follow each full one, for version 17 and later. An"
                + " incremental backup contains only the blocks that have changed since the backup"
                + " before. With 0, every backup is full.")
        @Default("0")
        @Min(0)
        @Max(100)
        Integer perFull) {}
