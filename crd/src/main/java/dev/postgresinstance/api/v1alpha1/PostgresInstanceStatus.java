package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What was observed last. Only the operator writes it; what is not known is null and not sent.
 *
 * @param observedGeneration {@code metadata.generation} of the spec that this status is about; -1
 *     before there is any
 * @param conditions one for each {@link ConditionType}
 * @param endpoints where the server answers; null until the Service is there
 * @param binding the Secret with the credentials; null until it is there
 * @param storage the volume; null until its claim is there
 * @param systemIdentifier PostgreSQL's own number of the data; null until it is recorded
 * @param version version of the running server as it says itself, "17.6"; null until it was asked
 * @param imageID the image that the running server is of, as the node names it; null until a login
 *     succeeded
 * @param passwordRotation when the password was and will be made anew; null where the spec asks for
 *     no rotation
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresInstanceStatus(
    @JsonPropertyDescription(
            "Generation of the resource that this status is about; -1 before there is any.")
        @Min(CrdSchema.NONE_YET)
        @Max(CrdSchema.MAX_GENERATION)
        Long observedGeneration,
    @JsonPropertyDescription(
            "The state in the form that programs wait for. Ready is True when a login through the"
                + " Service with the published credentials succeeded.")
        @Size(max = 16)
        List<Condition> conditions,
    @JsonPropertyDescription("Where the server answers.") EndpointsStatus endpoints,
    @JsonPropertyDescription(
            "The Secret with the credentials, in the form of the Service Binding specification.")
        BindingStatus binding,
    @JsonPropertyDescription("The volume.") StorageStatus storage,
    @JsonPropertyDescription("PostgreSQL's own number of the data directory.") @Size(max = 64)
        String systemIdentifier,
    @JsonPropertyDescription("Version of the running server, as 17.6.") @Size(max = 64)
        String version,
    @JsonPropertyDescription(
            "Image that the running server is of, as the node names it: with its digest where it was"
                + " pulled.")
        @Size(max = 1024)
        String imageID,
    @JsonPropertyDescription("When the password was, and will be, made anew.")
        PasswordRotationStatus passwordRotation) {

  /** The condition of that type; empty where nothing is said of it. */
  public Optional<Condition> condition(ConditionType type) {
    return Stream.ofNullable(conditions)
        .flatMap(List::stream)
        .filter(condition -> type.type().equals(condition.getType()))
        .findFirst();
  }
}
