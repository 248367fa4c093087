package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * How the write-ahead log is archived.
 *
 * @param uploadInterval time between two uploads of a segment that is not complete; default 5s
 * @param synchronous whether a commit waits until the backup pod has stored it; default false
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WalArchiving(
    @JsonPropertyDescription(
            "Time between two uploads of a segment that is not complete, from 1s to 5m. If server"
                + " and volume are lost, commits of about twice this time can be lost, unless they"
                + " are synchronous.")
        @Default("5s")
        @Size(max = 16)
        @ValidationRule(
            value =
                "self.matches('^([0-9]{1,3}m)?([0-9]{1,3}s)?$') && self != ''"
                    + " && duration(self) >= duration('1s') && duration(self) <= duration('5m')",
            message = "backup.wal.uploadInterval must be a duration from 1s to 5m, for example 5s")
        String uploadInterval,
    @JsonPropertyDescription(
            "Whether each commit waits until the backup pod has written it to the volume with the"
                + " backups, so that no acknowledged commit is ever lost. Commits wait as long as"
                + " the backup pod is away. Needs store.volume.")
        @Default("false")
        Boolean synchronous) {}
