package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Continuous backup: base backups, and the write-ahead log between them.
 *
 * @param store where the backups are kept
 * @param schedule when a base backup is made, as five fields of cron; null or empty means only when
 *     a PostgresBackup is created, or when there is none to recover from
 * @param timeZone time zone of the schedule, by its IANA name; default Etc/UTC
 * @param incremental whether base backups contain only what has changed; by default they are full
 * @param retention how long backups are kept; default a week
 * @param wal how the write-ahead log is archived
 * @param verify when the newest backup is verified; null means only on request
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.wal) || !has(self.wal.synchronous) || !self.wal.synchronous"
            + " || has(self.store.volume)",
    fieldPath = ".wal.synchronous",
    message =
        "backup.wal.synchronous needs backup.store.volume: a commit that waits for S3 would take"
            + " too long")
public record BackupSpec(
    @JsonPropertyDescription("Where the backups are kept.") @Required BackupStore store,
    @JsonPropertyDescription(
            "When a base backup is made, as five fields of cron: minute, hour, day of the month,"
                + " month, day of the week. 0 3 * * * means every day at 3:00. By default, a base"
                + " backup is made only when you create a PostgresBackup, and when there is none to"
                + " recover from.")
        @Size(max = 128)
        @ValidationRule(
            value = "self == '' || self.matches('^[ ]*[^ ]+([ ]+[^ ]+){4}[ ]*$')",
            message =
                "backup.schedule must have five fields: minute, hour, day of the month, month, day"
                    + " of the week; for example 0 3 * * *")
        @ValidationRule(
            value = "self.matches('^[-0-9a-zA-Z*/, ]*$')",
            message =
                "backup.schedule must contain only numbers, names of months and days, and the"
                    + " characters * / , -")
        String schedule,
    @JsonPropertyDescription("Time zone of the schedule, for example Europe/Zurich.")
        @Default("Etc/UTC")
        @Size(max = 64)
        @ValidationRule(
            value = "self.matches('^[A-Za-z][-+_A-Za-z0-9]*(/[-+_A-Za-z0-9]+)*$')",
            message = "backup.timeZone must be the IANA name of a time zone, such as Europe/Zurich")
        String timeZone,
    @JsonPropertyDescription(
            "Base backups that contain only what has changed since the one before.")
        @Default("{}")
        IncrementalBackups incremental,
    @JsonPropertyDescription("How long backups are kept.") @Default("{}") BackupRetention retention,
    @JsonPropertyDescription("How the write-ahead log is archived.") @Default("{}")
        WalArchiving wal,
    @JsonPropertyDescription(
            "When the newest backup is verified: it is restored into a pod that nobody reaches, and"
                + " the restored databases are checked.")
        BackupVerification verify) {}
