package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;

/**
 * The requested state. The API server sets the defaults stated here, so components with a default
 * are never null in an object that was read from it.
 *
 * @param version major version of PostgreSQL; default 17
 * @param image reference of the container image; null means the operator's image for the version
 * @param database name of the database that is created at the first start; default "app"; immutable
 * @param username name of the role that owns the database; default "app"; immutable
 * @param initdb options for the creation of the data directory; null means the defaults of the
 *     version; immutable
 * @param passwordSecretRef the user-provided password; null means a generated one
 * @param passwordRotation regular generation of a new password; null means never
 * @param superuserAccess whether the superuser may log in over the network; default false
 * @param storage the volume; default 1Gi of the cluster's default class
 * @param resources requests and limits of the container; default 100m of CPU and 256Mi of memory
 *     requested, no limits
 * @param service how clients reach the server; default a node port chosen by the cluster
 * @param tls encryption of connections; default with a certificate of the operator
 * @param deletionPolicy whether the volume and the passwords stay when the resource is deleted;
 *     default Retain
 * @param parameters PostgreSQL parameters by name; null means none
 * @param restartPolicy when a change that needs a restart takes effect; default Immediate
 * @param suspend whether the server is stopped; default false
 * @param paused whether reconciliation is paused; default false
 * @param pod scheduling and metadata of the pod; null means the defaults of the cluster
 * @param backup continuous backup; null means none
 * @param source the backup from which the data is created; null means a new, empty database;
 *     immutable
 */
@ValidationRule(
    value =
        "!has(self.initdb) || !has(self.initdb.localeProvider)"
            + " || self.initdb.localeProvider != 'builtin' || !(self.version in ['15', '16'])",
    fieldPath = ".initdb.localeProvider",
    message =
        "initdb.localeProvider builtin needs version 17 or later; for versions 15 and"
            + " 16 use libc or icu, or omit it")
@ValidationRule(
    value =
        "!has(self.initdb) || !has(self.initdb.locale) || self.initdb.locale != 'PG_UNICODE_FAST'"
            + " || !(self.version in ['15', '16', '17'])",
    fieldPath = ".initdb.locale",
    message = "initdb.locale PG_UNICODE_FAST needs version 18 or later")
@ValidationRule(
    value = SpecRules.WAL_SEGMENT_FITS_VOLUME,
    fieldPath = ".initdb.walSegmentSize",
    message =
        "storage.size must be at least eight times initdb.walSegmentSize, because the"
            + " server keeps several files of this size beside the data")
@ValidationRule(
    value = SpecRules.IMAGE_OF_VERSION,
    fieldPath = ".image",
    message =
        "image must have a tag that begins with version if it is an official PostgreSQL"
            + " image, for example postgres:17.6 for version 17")
@ValidationRule(
    value = "!has(self.passwordSecretRef) || !has(self.passwordRotation)",
    fieldPath = ".passwordRotation",
    message =
        "passwordRotation applies only to passwords that the operator generates; remove"
            + " passwordSecretRef or passwordRotation, and change a user-provided password in"
            + " its Secret")
@ValidationRule(
    value = SpecRules.INITDB_IMMUTABLE,
    message =
        "initdb is immutable and can be neither added nor removed, because it applies"
            + " only to the creation of the data directory; create another instance and move"
            + " the data")
@ValidationRule(
    value = SpecRules.USER_IMMUTABLE,
    message =
        "pod.runAsUser is immutable, because this user, 999 by default, owns the data;"
            + " create another instance and move the data")
@ValidationRule(
    value = SpecRules.SOURCE_IMMUTABLE,
    message =
        "source is immutable and can be neither added nor removed, because it applies only to the"
            + " creation of the data; create another instance")
@ValidationRule(
    value = "!has(self.source) || !has(self.initdb)",
    fieldPath = ".initdb",
    message = "initdb must be absent with source, because the data is not initialized but restored")
@ValidationRule(
    value = ParameterRules.FIT_BACKUP,
    fieldPath = ".parameters",
    message = ParameterRules.FIT_BACKUP_MESSAGE)
@ValidationRule(
    value = ParameterRules.FIT_INCREMENTAL,
    fieldPath = ".parameters",
    message = ParameterRules.FIT_INCREMENTAL_MESSAGE)
@ValidationRule(
    value = SpecRules.INCREMENTAL_OF_VERSION,
    fieldPath = ".backup.incremental",
    message =
        "backup.incremental.perFull needs version 17 or later; for versions 15 and 16 omit it")
@ValidationRule(
    value = ParameterRules.FIT_SYNCHRONOUS,
    fieldPath = ".parameters",
    message = ParameterRules.FIT_SYNCHRONOUS_MESSAGE)
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresInstanceSpec(
    @JsonPropertyDescription(
            "Major version of PostgreSQL. The programs in the image must have this version.")
        @Default("\"17\"")
        PostgresVersion version,
    @JsonPropertyDescription(
            "Image with the PostgreSQL programs, in the layout of the official image."
                + " Default: the operator's image for the version. A change restarts the server;"
                + " if the new image does not work, the operator reverts to the last image that"
                + " worked.")
        @Size(max = 512)
        @ValidationRule(
            value = SpecRules.IMAGE_FORM,
            message =
                "image must be an image reference such as registry.example/team/postgres:17.6,"
                    + " with or without a digest, and without spaces")
        String image,
    @JsonPropertyDescription(
            "Name of the database that is created at the first start and owned by username."
                + " Immutable.")
        @Default("app")
        @Size(max = 63)
        @ValidationRule(
            value = "self != '' && size(bytes(self)) <= 63 && !self.matches('[\\x00-\\x1f\\x7f]')",
            message = "database must have 1 to 63 bytes, in UTF-8, and no control characters")
        @ValidationRule(
            value = "!(self in ['postgres', 'template0', 'template1'])",
            message =
                "database must not be postgres, template0 or template1, which are databases of"
                    + " PostgreSQL itself")
        @ValidationRule(
            value = "self == oldSelf",
            message =
                "database is immutable, because it is created only at the first start; create"
                    + " another instance and move the data")
        String database,
    @JsonPropertyDescription(
            "Name of the unprivileged login role that owns the database; its password is in"
                + " the Secret that status.binding names. Immutable.")
        @Default("app")
        @Size(max = 63)
        @ValidationRule(
            value = "self != '' && size(bytes(self)) <= 63 && !self.matches('[\\x00-\\x1f\\x7f]')",
            message = "username must have 1 to 63 bytes, in UTF-8, and no control characters")
        @ValidationRule(
            value =
                "!(self in ['postgres', 'public', 'none'])"
                    + " && !self.startsWith('pg_') && !self.startsWith('pgi_')",
            message =
                "username must not be postgres, public or none and must not start with pg_ or"
                    + " pgi_, which PostgreSQL or the operator reserve")
        @ValidationRule(
            value = "self == oldSelf",
            message =
                "username is immutable, because this role owns the database; create another"
                    + " instance and move the data")
        String username,
    @JsonPropertyDescription(
            "Options for the creation of the data directory at the first start; the"
                + " encoding is always UTF8. Default: suitable options for the version, with data"
                + " checksums. Immutable; it can be neither added nor removed later.")
        InitdbSpec initdb,
    @JsonPropertyDescription(
            "A Secret of type Opaque or kubernetes.io/basic-auth with the password of"
                + " username. The operator never changes this Secret; you may change it at any"
                + " time. Default: the operator generates a password.")
        PasswordSecretRef passwordSecretRef,
    @JsonPropertyDescription(
            "Lets the operator generate a new password at regular intervals. Not allowed"
                + " with passwordSecretRef.")
        PasswordRotation passwordRotation,
    @JsonPropertyDescription(
            "Whether the superuser postgres may log in over the network, with the password"
                + " in Secret NAME-superuser. False ends its sessions over the network, removes"
                + " its password and deletes that Secret.")
        @Default("false")
        Boolean superuserAccess,
    @JsonPropertyDescription("The volume that holds the data.") @Default("{}") StorageSpec storage,
    @JsonPropertyDescription(
            "Compute resources of the database container, as in a pod. A change restarts"
                + " the server.")
        @Default("{}")
        ResourceRequirements resources,
    @JsonPropertyDescription("How clients reach the server.") @Default("{}") ServiceSpec service,
    @JsonPropertyDescription("Encryption of connections.") @Default("{}") TlsSpec tls,
    @JsonPropertyDescription(
            "Whether the volume and the passwords stay when this resource is deleted: Retain"
                + " keeps both for a later resource of the same name, Delete deletes both.")
        @Default("Retain")
        DeletionPolicy deletionPolicy,
    @JsonPropertyDescription(
            "PostgreSQL parameters by name, as in postgresql.conf; all values are strings."
                + " PostgreSQL ignores the case of names: DateStyle and datestyle are one."
                + " They override the operator's defaults. A parameter that PostgreSQL rejects is"
                + " reported in the status and changes nothing.")
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
            value = ParameterRules.NOT_CONTROLLED,
            message = ParameterRules.NOT_CONTROLLED_MESSAGE)
        @ValidationRule(
            value = "self.all(k, !self[k].matches('[\\x00-\\x1f\\x7f]'))",
            message = "parameters must have single-line values without control characters")
        Map<String, @Size(max = 4096) String> parameters,
    @JsonPropertyDescription(
            "When a change that needs a restart takes effect: Immediate restarts the server"
                + " at once, Manual waits for the next restart.")
        @Default("Immediate")
        RestartPolicy restartPolicy,
    @JsonPropertyDescription(
            "Whether the server is stopped: there is no pod, but the volume, the passwords"
                + " and the port stay. False starts the server again.")
        @Default("false")
        Boolean suspend,
    @JsonPropertyDescription(
            "Whether reconciliation is paused: the operator writes only the status and events"
                + " until this is false again. A running server keeps running.")
        @Default("false")
        Boolean paused,
    @JsonPropertyDescription("Scheduling and metadata of the pod.") PodSettings pod,
    @JsonPropertyDescription(
            "Continuous backup to a store: base backups, and the write-ahead log between them, by"
                + " which each moment can be recovered. Removing it ends the backup and leaves the"
                + " archive in the store.")
        BackupSpec backup,
    @JsonPropertyDescription(
            "Creates the data from a backup instead of an empty database. database, username and"
                + " version must be those of the backup. Immutable; it can be neither added nor"
                + " removed later.")
        InstanceSource source) {}
