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
 * The last observed state. Only the operator writes it. Unknown values are null and omitted from
 * the JSON.
 *
 * @param observedGeneration {@code metadata.generation} that this status describes; -1 before the
 *     first reconciliation
 * @param conditions at most one for each {@link ConditionType}
 * @param endpoints the addresses of the server; null until the Service exists
 * @param binding the Secret with the credentials; null until it exists
 * @param storage the volume; null until its PersistentVolumeClaim exists
 * @param systemIdentifier PostgreSQL's system identifier of the data directory; null until it is
 *     recorded
 * @param version version that the server reported last, "17.6"; null until it has reported one
 * @param imageID image of the server to which a login succeeded last, as the node reports it; null
 *     before the first login
 * @param passwordRotation when the password was rotated last and will be rotated next; null if the
 *     spec requests no rotation, or while no password is published
 * @param crashes crashes of server processes that did not restart the container; null before the
 *     first one
 * @param tls the certificate of the server; null until the operator has issued it
 * @param backup the archive; null without spec.backup
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresInstanceStatus(
    @JsonPropertyDescription(
            "Generation of the resource that this status describes; -1 before the first"
                + " reconciliation.")
        @Min(CrdSchema.NONE_YET)
        @Max(CrdSchema.MAX_GENERATION)
        Long observedGeneration,
    @JsonPropertyDescription(
            "The state, for programs to wait for. Ready is True when the instance matches its"
                + " spec and a login through the Service with the published credentials"
                + " succeeded.")
        @Size(max = 16)
        List<Condition> conditions,
    @JsonPropertyDescription("The addresses of the server.") EndpointsStatus endpoints,
    @JsonPropertyDescription(
            "The Secret with the credentials, in the form of the Service Binding specification.")
        BindingStatus binding,
    @JsonPropertyDescription("The volume.") StorageStatus storage,
    @JsonPropertyDescription("PostgreSQL's system identifier of the data directory.")
        @Size(max = 64)
        String systemIdentifier,
    @JsonPropertyDescription("Version of the running server, for example 17.6.") @Size(max = 64)
        String version,
    @JsonPropertyDescription(
            "Image of the running server, as the node reports it: with the digest if the"
                + " node pulled the image.")
        @Size(max = 1024)
        String imageID,
    @JsonPropertyDescription(
            "When the password was rotated last and will be rotated next. Absent without"
                + " spec.passwordRotation.")
        PasswordRotationStatus passwordRotation,
    @JsonPropertyDescription(
            "Crashes of server processes that did not restart the container: PostgreSQL ended all"
                + " sessions and recovered. Absent before the first one.")
        CrashStatus crashes,
    @JsonPropertyDescription("The certificate of the server.") TlsStatus tls,
    @JsonPropertyDescription("The archive of the instance. Absent without spec.backup.")
        BackupStatus backup) {

  /** The condition of this type; empty if the status has none. */
  public Optional<Condition> condition(ConditionType type) {
    return Stream.ofNullable(conditions)
        .flatMap(List::stream)
        .filter(condition -> type.type().equals(condition.getType()))
        .findFirst();
  }

  /** The same status with other conditions, about another generation. */
  public PostgresInstanceStatus withConditions(Long generation, List<Condition> others) {
    return new PostgresInstanceStatus(
        generation,
        others,
        endpoints,
        binding,
        storage,
        systemIdentifier,
        version,
        imageID,
        passwordRotation,
        crashes,
        tls,
        backup);
  }
}
