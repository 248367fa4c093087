package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;

/**
 * What the user asks for. The API server fills in the defaults named here, so the components that
 * have one are never null in an object that comes from it.
 *
 * @param version major version of PostgreSQL, "15" to "18"; default "17"
 * @param image reference of the container image; null means the operator's image for the version
 * @param database name of the database made at the first start; default "app", immutable
 * @param username name of the role that owns the database; default "app", immutable
 * @param initdb how the data directory is made; null means the defaults of the version, immutable
 * @param storage the volume; default 1Gi of the cluster's default class
 * @param resources requests and limits of the container; default 100m of CPU and 256Mi of memory
 *     requested, no limits
 * @param service how clients reach the server; default a node port chosen by the cluster
 */
@ValidationRule(
    value =
        "!has(self.initdb) || !has(self.initdb.localeProvider)"
            + " || self.initdb.localeProvider != 'builtin' || !(self.version in ['15', '16'])",
    fieldPath = ".initdb.localeProvider",
    message =
        "initdb.localeProvider builtin needs version 17 or later; for version 15 and 16 use libc or"
            + " icu, or leave it out")
@ValidationRule(
    value =
        "!has(self.initdb) || !has(self.initdb.locale) || self.initdb.locale != 'PG_UNICODE_FAST'"
            + " || !(self.version in ['15', '16', '17'])",
    fieldPath = ".initdb.locale",
    message = "initdb.locale PG_UNICODE_FAST needs version 18 or later")
@ValidationRule(
    value =
        "!has(self.initdb) || !has(self.initdb.walSegmentSize)"
            + " || !isQuantity(string(self.storage.size))"
            + " || quantity(string(self.storage.size)).asApproximateFloat()"
            + " >= 8.0 * quantity(self.initdb.walSegmentSize.replace('B', 'i'))"
            + ".asApproximateFloat()",
    fieldPath = ".initdb.walSegmentSize",
    message =
        "storage.size must be at least eight times initdb.walSegmentSize, because the server keeps"
            + " several such files beside the data")
@ValidationRule(
    value =
        "has(self.initdb) == has(oldSelf.initdb)"
            + " && (!has(self.initdb) || self.initdb == oldSelf.initdb)",
    message =
        "initdb is immutable and can be neither added nor removed, because it is used only when the"
            + " data directory is made; make another instance and move the data")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresInstanceSpec(
    @JsonPropertyDescription(
            "Major version of PostgreSQL. The programs in the image must be of this version.")
        @Default("\"17\"")
        String version,
    @JsonPropertyDescription(
            "Image with the PostgreSQL programs, laid out like the official image. Default: the"
                + " operator's image for the version. A change restarts the server.")
        @Size(max = 512)
        @ValidationRule(
            value =
                "self.matches('^((\\\\[[0-9a-fA-F:]+\\\\]|[a-zA-Z0-9][a-zA-Z0-9.-]*)(:[0-9]+)?/)?"
                    + "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
                    + "(:[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,128})?$')",
            message =
                "image must be an image reference such as registry.example/team/postgres:17.6,"
                    + " with a digest or without, but without spaces")
        String image,
    @JsonPropertyDescription(
            "Name of the database that is made at the first start and owned by username. Immutable.")
        @Default("app")
        @Size(max = 63)
        @ValidationRule(
            value = "self.matches('^[a-z_][a-z0-9_-]{0,62}$')",
            message =
                "database must have 1 to 63 characters out of lower-case letters, digits, '_' and"
                    + " '-', and start with a letter or '_'")
        @ValidationRule(
            value = "!(self in ['postgres', 'template0', 'template1'])",
            message =
                "database must not be postgres, template0 or template1, which are PostgreSQL's own")
        @ValidationRule(
            value = "self == oldSelf",
            message =
                "database is immutable, because it is made at the first start only; make another"
                    + " instance and move the data")
        String database,
    @JsonPropertyDescription(
            "Name of the ordinary login role that owns the database; its password is in the Secret"
                + " that status.binding names. Immutable.")
        @Default("app")
        @Size(max = 63)
        @ValidationRule(
            value = "self.matches('^[a-z_][a-z0-9_-]{0,62}$')",
            message =
                "username must have 1 to 63 characters out of lower-case letters, digits, '_' and"
                    + " '-', and start with a letter or '_'")
        @ValidationRule(
            value =
                "!(self in ['postgres', 'public', 'none'])"
                    + " && !self.startsWith('pg_') && !self.startsWith('pgi_')",
            message =
                "username must not be postgres, public or none and not start with pg_ or pgi_,"
                    + " which PostgreSQL or the operator keep for themselves")
        @ValidationRule(
            value = "self == oldSelf",
            message =
                "username is immutable, because the database belongs to this role; make another"
                    + " instance and move the data")
        String username,
    @JsonPropertyDescription(
            "How the data directory is made at the first start; the encoding is always UTF8."
                + " Default: what suits the version, with data checksums. Immutable, also against"
                + " adding and removing.")
        InitdbSpec initdb,
    @JsonPropertyDescription("The volume that holds the data.") @Default("{}") StorageSpec storage,
    @JsonPropertyDescription(
            "Compute resources of the database's container, as in a pod. A change restarts the"
                + " server.")
        @Default("{}")
        ResourceRequirements resources,
    @JsonPropertyDescription("How clients reach the server.") @Default("{}") ServiceSpec service) {}
