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
 * The last observed state of a role. Unknown values are null and omitted from the JSON.
 *
 * @param observedGeneration {@code metadata.generation} that this status describes; -1 before the
 *     first reconciliation
 * @param conditions at most one for each type; {@code Ready}, and {@code Reconciling} or {@code
 *     Stalled} while it is not True
 * @param name name of the role in the database
 * @param oid its number in the database; null while the operator has not set the role
 * @param binding the Secret with the login; null without one
 * @param lastCorrection the last change of somebody else that the operator took back; null if there
 *     was none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresRoleStatus(
    @JsonPropertyDescription(
            "Generation of the resource that this status describes; -1 before the first"
                + " reconciliation.")
        @Min(CrdSchema.NONE_YET)
        @Max(CrdSchema.MAX_GENERATION)
        Long observedGeneration,
    @JsonPropertyDescription(
            "The state, for programs to wait for. Ready is True when the role in the database is"
                + " the requested one and, if it can log in, a login with the published password"
                + " has succeeded. Reconciling or Stalled is True while Ready is not: Stalled if a"
                + " person has to change something.")
        @Size(max = 8)
        List<Condition> conditions,
    @JsonPropertyDescription("Name of the role in the database.") @Size(max = 63) String name,
    @JsonPropertyDescription(
            "Number of the role in the database, once the operator has created or accepted it.")
        @Size(max = 10)
        String oid,
    @JsonPropertyDescription("The Secret with the login, for Service Binding.")
        BindingStatus binding,
    @JsonPropertyDescription("The last change of somebody else that the operator took back.")
        RoleCorrection lastCorrection) {

  /** Type of the condition that says whether the role is as requested. */
  public static final String READY = "Ready";

  /** The condition of this type; empty if the status has none. */
  public Optional<Condition> condition(String type) {
    return Stream.ofNullable(conditions)
        .flatMap(List::stream)
        .filter(condition -> type.equals(condition.getType()))
        .findFirst();
  }
}
