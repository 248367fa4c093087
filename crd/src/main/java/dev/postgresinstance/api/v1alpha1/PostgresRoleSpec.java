package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/**
 * The requested role.
 *
 * @param instanceRef the instance; immutable
 * @param name name of the role in the database; null means the name of the resource; immutable
 * @param login whether clients can log in as the role; default true
 * @param memberOf names of the roles whose privileges the role has; null means none
 * @param connectionLimit number of simultaneous connections; null means no limit
 * @param validUntil when the password expires, in RFC 3339; null means never
 * @param passwordSecretRef the user-provided password; null means a generated one
 * @param parameters PostgreSQL parameters of the role's sessions, by name; null means none
 * @param deletionPolicy whether the role stays in the database when the resource is deleted;
 *     default Retain
 */
@ValidationRule(
    value = "has(self.name) == has(oldSelf.name)",
    fieldPath = ".name",
    message = "name is immutable and can be neither added nor removed; create another PostgresRole")
@ValidationRule(
    value = "self.login || !has(self.passwordSecretRef)",
    fieldPath = ".passwordSecretRef",
    message = "passwordSecretRef must be absent with login false, which needs no password")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresRoleSpec(
    @JsonPropertyDescription("The instance in whose database the role exists. Immutable.")
        @Required
        @ValidationRule(
            value = "self == oldSelf",
            message = "instanceRef is immutable; create another PostgresRole")
        InstanceReference instanceRef,
    @JsonPropertyDescription(
            "Name of the role in the database. Default: the name of this resource. Immutable.")
        @Size(max = 63)
        @ValidationRule(
            value = RoleRules.NAME,
            message = "name must have 1 to 63 bytes, in UTF-8, and no control characters")
        @ValidationRule(
            value = RoleRules.NOT_RESERVED,
            message =
                "name must not be postgres, public or none and must not start with pg_ or pgi_,"
                    + " which PostgreSQL or the operator reserve")
        @ValidationRule(
            value = "self == oldSelf",
            message = "name is immutable; create another PostgresRole")
        String name,
    @JsonPropertyDescription(
            "Whether clients can log in as the role. False for a role whose privileges others have"
                + " as its members.")
        @Default("true")
        Boolean login,
    @JsonPropertyDescription(
            "Names of the roles whose privileges this role has. Each must have been created by a"
                + " PostgresRole, or a superuser must have granted it to pgi_operator with admin"
                + " option. Memberships that others have granted stay.")
        @ValidationRule(
            value = RoleRules.NAMES,
            message =
                "memberOf must have names of 1 to 63 bytes, in UTF-8, without control characters")
        @ValidationRule(
            value = RoleRules.NONE_RESERVED,
            message =
                "memberOf must not contain postgres, public, none, or names that start with pg_ or"
                    + " pgi_: such roles could read or change what belongs to others")
        List<@Size(max = 63) String> memberOf,
    @JsonPropertyDescription("Maximum number of simultaneous connections. Default: no limit.")
        @Min(0)
        @Max(262_143)
        Integer connectionLimit,
    @JsonPropertyDescription(
            "When the password expires, for example 2027-01-31T00:00:00Z. Sessions that are open"
                + " then stay. Default: never.")
        @Size(max = 35)
        @ValidationRule(
            value =
                "self.matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$')",
            message =
                "validUntil must be a time in whole seconds with a time zone, such as"
                    + " 2027-01-31T00:00:00Z")
        String validUntil,
    @JsonPropertyDescription(
            "A Secret of type Opaque or kubernetes.io/basic-auth with the password. The operator"
                + " never changes this Secret, and notices a change within a minute. Default: the"
                + " operator generates a password.")
        PasswordSecretRef passwordSecretRef,
    @JsonPropertyDescription(
            "PostgreSQL parameters of the role's sessions by name, as with ALTER ROLE … SET; all"
                + " values are strings. Only those that a role may set for itself.")
        @ValidationRule(
            value = ParameterRules.NAMES,
            message =
                "parameters must have valid PostgreSQL parameter names: letters, digits and '_',"
                    + " and '.' after the name of an extension")
        @ValidationRule(
            value = ParameterRules.ONCE,
            message =
                "parameters must contain each parameter only once; PostgreSQL does not distinguish"
                    + " upper-case from lower-case letters in their names")
        @ValidationRule(
            value = "self.all(k, !self[k].matches('[\\x00-\\x1f\\x7f]'))",
            message = "parameters must have single-line values without control characters")
        Map<String, @Size(max = 1024) String> parameters,
    @JsonPropertyDescription(
            "Whether the role stays in the database when this resource is deleted: Retain leaves it"
                + " as it is; Delete drops it as soon as it owns nothing and has no privileges of"
                + " its own, and until then lets nobody log in as it.")
        @Default("Retain")
        DeletionPolicy deletionPolicy) {}
