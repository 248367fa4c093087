package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * The state to recover.
 *
 * @param time all transactions that were committed before; in RFC 3339
 * @param lsn the position in the write-ahead log, such as 0/5000148
 * @param endOfBackup true for the state at the end of the named backup
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "(has(self.time) ? 1 : 0) + (has(self.lsn) ? 1 : 0) + (has(self.endOfBackup) ? 1 : 0) <= 1",
    message = "target must have at most one of time, lsn and endOfBackup")
public record RecoveryTarget(
    @JsonPropertyDescription(
            "All transactions that were committed before this time, for example"
                + " 2026-11-28T09:15:00Z.")
        @Size(max = 35)
        @ValidationRule(
            value =
                "self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$')",
            message = "target.time must be a time such as 2026-11-28T09:15:00Z, with a time zone")
        String time,
    @JsonPropertyDescription("A position in the write-ahead log, for example 0/5000148.")
        @Size(max = 17)
        @ValidationRule(
            value = "self.matches('^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$')",
            message = "target.lsn must be a position in the write-ahead log such as 0/5000148")
        String lsn,
    @JsonPropertyDescription("True for the state at the end of the backup that source names.")
        Boolean endOfBackup) {}
