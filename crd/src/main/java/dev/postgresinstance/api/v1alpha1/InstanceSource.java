package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * The backup from which an instance is created.
 *
 * @param backup a PostgresBackup; null with {@code archive}
 * @param archive what lies in a store; null with {@code backup}
 * @param target the state to recover; null means the latest one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "has(self.backup) != has(self.archive)",
    message = "source must have exactly one of backup and archive")
@ValidationRule(
    value = "!has(self.target) || !has(self.target.endOfBackup) || has(self.backup)",
    fieldPath = ".target.endOfBackup",
    message = "target.endOfBackup needs source.backup, which names the backup")
public record InstanceSource(
    @JsonPropertyDescription(
            "A PostgresBackup of this namespace. The instance that made it need not exist.")
        BackupReference backup,
    @JsonPropertyDescription(
            "The archive of an instance in a store, without any resource of the cluster that made"
                + " it.")
        ArchiveSource archive,
    @JsonPropertyDescription("The state to recover. Default: the latest one in the archive.")
        RecoveryTarget target) {}
