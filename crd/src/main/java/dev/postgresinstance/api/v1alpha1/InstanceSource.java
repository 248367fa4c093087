package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * What an instance is created from: one of {@code backup}, {@code archive} and {@code instance};
 * the others are null.
 *
 * @param backup a PostgresBackup
 * @param archive what lies in a store
 * @param instance another instance, which archives its write-ahead log
 * @param target the state to recover; null means the latest one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "(has(self.backup) ? 1 : 0) + (has(self.archive) ? 1 : 0) + (has(self.instance) ? 1 : 0)"
            + " == 1",
    message = "source must have exactly one of backup, archive and instance")
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
    @JsonPropertyDescription(
            "An instance of this namespace with spec.backup, of which this one is a clone. Without"
                + " target, the clone has everything that was committed before it was created.")
        InstanceReference instance,
    @JsonPropertyDescription("The state to recover. Default: the latest one in the archive.")
        RecoveryTarget target) {}
