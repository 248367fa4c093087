package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * Sessions from the network that do not use TLS.
 *
 * @param sessions their number; more than 10 are rounded up to tens
 * @param roles names of the roles that are logged in, at most 8, sorted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record UnencryptedStatus(
    @JsonPropertyDescription("Number of sessions. More than 10 are rounded up to tens.")
        @Min(1)
        @Max(Integer.MAX_VALUE)
        Integer sessions,
    @JsonPropertyDescription("Roles that are logged in without TLS, at most 8.") @Size(max = 8)
        List<@Size(max = 63) String> roles) {}
