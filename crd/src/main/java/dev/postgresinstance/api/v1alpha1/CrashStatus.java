package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/**
 * Crashes of server processes that did not restart the container: PostgreSQL ended all sessions and
 * recovered.
 *
 * @param count how many the operator has noticed; several between two of its logins count once
 * @param lastTime when PostgreSQL began to recover from the last one, in RFC 3339
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CrashStatus(
    @JsonPropertyDescription(
            "How many crashes the operator has noticed since the resource was created. Several"
                + " within seconds count once.")
        @Min(1)
        @Max(Integer.MAX_VALUE)
        Integer count,
    @JsonPropertyDescription("When PostgreSQL began to recover from the last crash.")
        @Size(max = 32)
        String lastTime) {}
