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
 * What the user asks for. The API server fills in the defaults named here, so the components that
 * have one are never null in an object that comes from it.
 *
 * @param version major version of PostgreSQL, "15" to "18"; default "17"
 * @param image reference of the container image; null means the operator's image for the version
 * @param database name of the database made at the first start; default "app", immutable
 * @param username name of the role that owns the database; default "app", immutable
 * @param initdb how the data directory is made; null means the defaults of the version, immutable
 * @param passwordSecretRef the caller's own password; null means a generated one
 * @param passwordRotation a new generated password again and again; null means never
 * @param superuserAccess whether the superuser may log in over the network; default false
 * @param storage the volume; default 1Gi of the cluster's default class
 * @param resources requests and limits of the container; default 100m of CPU and 256Mi of memory
 *     requested, no limits
 * @param service how clients reach the server; default a node port chosen by the cluster
 * @param deletionPolicy what becomes of volume and passwords when the resource is deleted; default
 *     Retain
 * @param parameters PostgreSQL's parameters by name; null means none
 * @param restartPolicy when a change that needs a restart is put in force; default Immediate
 * @param suspend whether the server is stopped; default false
 * @param paused whether the operator keeps its hands off; default false
 * @param pod where the pod runs and what it carries; null means the cluster's defaults
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
        "!has(self.image) || !self.image.matches('^(docker[.]io/)?(library/)?postgres:[0-9]')"
            + " || self.image.replace('docker.io/', '').replace('library/', '')"
            + ".matches('^postgres:' + self.version + '([^0-9]|$)')",
    fieldPath = ".image",
    message =
        "image is one of PostgreSQL's official images, and its tag must begin with version, as"
            + " postgres:17.6 does with version 17")
@ValidationRule(
    value = "!has(self.passwordSecretRef) || !has(self.passwordRotation)",
    fieldPath = ".passwordRotation",
    message =
        "passwordRotation is for passwords that the operator makes; take passwordSecretRef away, or"
            + " change the password in that Secret")
@ValidationRule(
    value =
        "has(self.initdb) == has(oldSelf.initdb)"
            + " && (!has(self.initdb) || self.initdb == oldSelf.initdb)",
    message =
        "initdb is immutable and can be neither added nor removed, because it is used only when the"
            + " data directory is made; make another instance and move the data")
@ValidationRule(
    value =
        "(has(self.pod) && has(self.pod.runAsUser) ? self.pod.runAsUser : 999)"
            + " == (has(oldSelf.pod) && has(oldSelf.pod.runAsUser) ? oldSelf.pod.runAsUser : 999)",
    message =
        "pod.runAsUser is immutable, because the data belongs to that user, 999 by default; make"
            + " another instance and move the data")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PostgresInstanceSpec(
    @JsonPropertyDescription(
            "Major version of PostgreSQL. The programs in the image must be of this version.")
        @Default("\"17\"")
        String version,
    @JsonPropertyDescription(
            "Image with the PostgreSQL programs, laid out like the official image. Default: the"
                + " operator's image for the version. A change restarts the server; with an image"
                + " that does not work it goes back to the last one that did.")
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
            value = "self != '' && size(bytes(self)) <= 63 && !self.matches('[\\x00-\\x1f\\x7f]')",
            message = "database must have 1 to 63 bytes, in UTF-8, and no control characters")
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
            value = "self != '' && size(bytes(self)) <= 63 && !self.matches('[\\x00-\\x1f\\x7f]')",
            message = "username must have 1 to 63 bytes, in UTF-8, and no control characters")
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
    @JsonPropertyDescription(
            "A Secret, of type Opaque or kubernetes.io/basic-auth, with the password of username. It"
                + " is left alone, and may be changed. Default: the operator makes a password.")
        PasswordSecretRef passwordSecretRef,
    @JsonPropertyDescription(
            "Has the operator make a new password again and again. Not with passwordSecretRef.")
        PasswordRotation passwordRotation,
    @JsonPropertyDescription(
            "Whether the superuser postgres may log in over the network, with the password in Secret"
                + " NAME-superuser. False ends its sessions, takes its password away, and deletes"
                + " that Secret.")
        @Default("false")
        Boolean superuserAccess,
    @JsonPropertyDescription("The volume that holds the data.") @Default("{}") StorageSpec storage,
    @JsonPropertyDescription(
            "Compute resources of the database's container, as in a pod. A change restarts the"
                + " server.")
        @Default("{}")
        ResourceRequirements resources,
    @JsonPropertyDescription("How clients reach the server.") @Default("{}") ServiceSpec service,
    @JsonPropertyDescription(
            "What becomes of the volume and the passwords, as one unit, when this resource is"
                + " deleted: Retain keeps them for a later resource of the same name, Delete deletes"
                + " them.")
        @Default("Retain")
        DeletionPolicy deletionPolicy,
    @JsonPropertyDescription(
            "Parameters of PostgreSQL by name, as in postgresql.conf; all values are texts. They win"
                + " over the operator's defaults. What PostgreSQL refuses is said in the status and"
                + " changes nothing.")
        @ValidationRule(
            value = "self.all(k, k.matches('^[a-z_][a-z0-9_]*([.][a-z_][a-z0-9_]*)*$'))",
            message =
                "parameters must have names as PostgreSQL has them: lower-case letters, digits and"
                    + " '_', and '.' before the name of a parameter of an extension")
        @ValidationRule(
            value =
                "!self.exists(k, k in ['listen_addresses', 'port', 'data_directory', 'config_file',"
                    + " 'hba_file', 'ident_file', 'external_pid_file', 'include',"
                    + " 'include_if_exists', 'include_dir', 'logging_collector', 'log_destination',"
                    + " 'log_directory', 'lc_messages', 'password_encryption', 'allow_alter_system',"
                    + " 'huge_pages', 'restore_command', 'ssl'] || k.startsWith('unix_socket_') ||"
                    + " k.startsWith('ssl_') || k.startsWith('archive_') ||"
                    + " k.startsWith('postgres_instance.'))",
            message =
                "parameters must not set what the operator sets: listen_addresses, port,"
                    + " unix_socket_*, data_directory, config_file, hba_file, ident_file,"
                    + " external_pid_file, include*, logging_collector, log_destination,"
                    + " log_directory, lc_messages, password_encryption, allow_alter_system, ssl*,"
                    + " huge_pages, archive_*, restore_command and postgres_instance.*")
        @ValidationRule(
            value = "self.all(k, !self[k].matches('[\\x00-\\x1f\\x7f]'))",
            message = "parameters must have values of one line without control characters")
        Map<String, @Size(max = 4096) String> parameters,
    @JsonPropertyDescription(
            "When a change that needs a restart is put in force: Immediate restarts at once, Manual"
                + " waits for the next restart.")
        @Default("Immediate")
        RestartPolicy restartPolicy,
    @JsonPropertyDescription(
            "Whether the server is stopped: no pod; volume, passwords and port stay. False starts it"
                + " again.")
        @Default("false")
        Boolean suspend,
    @JsonPropertyDescription(
            "Whether the operator keeps its hands off: it writes nothing but the status, until this"
                + " is false again. A server that runs goes on.")
        @Default("false")
        Boolean paused,
    @JsonPropertyDescription("Where the pod runs and what it carries.") PodSettings pod) {}
