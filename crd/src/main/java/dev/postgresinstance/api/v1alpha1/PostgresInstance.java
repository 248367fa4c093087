package dev.postgresinstance.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.Optional;

/**
 * One PostgreSQL server with a volume, credentials and an address.
 *
 * <p>It belongs to no category. In the category {@code all}, {@code kubectl delete all --all} would
 * delete it, a command that people use to remove the pods of a namespace, not its databases.
 */
@Group(PostgresInstance.GROUP)
@Version(PostgresInstance.VERSION)
@Kind("PostgresInstance")
@Plural("postgresinstances")
@ShortNames("pgi")
@ValidationRule(
    value = "self.metadata.name.size() <= 50",
    fieldPath = ".metadata.name",
    message =
        "metadata.name must have at most 50 characters, because the names of the"
            + " instance's objects derive from it")
@ValidationRule(
    value = "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    fieldPath = ".metadata.name",
    message =
        "metadata.name must consist of lower-case letters, digits and '-', start with a letter and"
            + " end with a letter or digit, because the instance's Service has the same name")
@ValidationRule(
    value = "!has(self.spec.backup) || self.metadata.name.size() <= 45",
    fieldPath = ".metadata.name",
    message =
        "metadata.name must have at most 45 characters with spec.backup, because the name of the"
            + " StatefulSet that archives the write-ahead log derives from it")
@ValidationRule(
    value =
        "self.spec.version == oldSelf.spec.version || !has(oldSelf.status)"
            + " || !has(oldSelf.status.version) || !oldSelf.status.version.matches('^[0-9]')"
            + " || int(self.spec.version) >= int(oldSelf.status.version.find('^[0-9]+'))",
    fieldPath = ".spec.version",
    message =
        "version must not be lower than the version of the data (status.version),"
            + " because PostgreSQL cannot read the data of a later version")
@ValidationRule(
    value =
        "!has(self.spec.passwordSecretRef) || !(self.spec.passwordSecretRef.name in"
            + " [self.metadata.name + '-app', self.metadata.name + '-operator',"
            + " self.metadata.name + '-superuser', self.metadata.name + '-ca',"
            + " self.metadata.name + '-tls', self.metadata.name + '-backup'])",
    fieldPath = ".spec.passwordSecretRef.name",
    message =
        "passwordSecretRef.name must not be a Secret that the operator creates for this"
            + " instance")
@ValidationRule(
    value =
        "!has(self.spec.tls) || !has(self.spec.tls.secretName) || !(self.spec.tls.secretName in"
            + " [self.metadata.name + '-app', self.metadata.name + '-operator',"
            + " self.metadata.name + '-superuser', self.metadata.name + '-ca',"
            + " self.metadata.name + '-tls', self.metadata.name + '-backup'])",
    fieldPath = ".spec.tls.secretName",
    message = "tls.secretName must not be a Secret that the operator creates for this instance")
@ValidationRule(
    value =
        "!has(self.spec.source) || !has(self.spec.source.instance)"
            + " || self.spec.source.instance.name != self.metadata.name",
    fieldPath = ".spec.source.instance.name",
    message = "source.instance.name must be the name of another instance")
@AdditionalPrinterColumn(
    name = "READY",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    getDescription = "Whether a login with the published credentials succeeds.")
@AdditionalPrinterColumn(
    name = "STATUS",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    getDescription = "Reason of the condition Ready: Running, or why the instance is not ready.")
@AdditionalPrinterColumn(
    name = "VERSION",
    jsonPath = ".status.version",
    getDescription = "Version of the running server.")
@AdditionalPrinterColumn(
    name = "SIZE",
    jsonPath = ".spec.storage.size",
    getDescription = "Requested size of the volume.")
@AdditionalPrinterColumn(
    name = "ENDPOINT",
    jsonPath = ".status.endpoints.address",
    getDescription = "Where clients connect, as host:port.")
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since the creation of the resource.")
@AdditionalPrinterColumn(
    name = "AVAILABLE",
    jsonPath = ".status.conditions[?(@.type==\"Available\")].status",
    priority = 1,
    getDescription = "Whether a login succeeds now.")
@AdditionalPrinterColumn(
    name = "USED",
    jsonPath = ".status.storage.used",
    priority = 1,
    getDescription = "Used space of the volume, accurate to a twentieth of its size.")
@AdditionalPrinterColumn(
    name = "SECRET",
    jsonPath = ".status.binding.name",
    priority = 1,
    getDescription = "Secret with the credentials.")
@AdditionalPrinterColumn(
    name = "MESSAGE",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
    priority = 1,
    getDescription = "What is wrong and what to do.")
@SchemaCustomizer(CrdSchema.class)
public class PostgresInstance extends CustomResource<PostgresInstanceSpec, PostgresInstanceStatus>
    implements Namespaced {

  /** API group of the resource; also the prefix of all labels and annotations of the project. */
  public static final String GROUP = "postgresinstance.dev";

  /** API version of the resource. */
  public static final String VERSION = "v1alpha1";

  private static final long serialVersionUID = 1;

  /** The condition of this type; empty if the status has none, or if there is no status yet. */
  public Optional<Condition> condition(ConditionType type) {
    return Optional.ofNullable(getStatus()).flatMap(status -> status.condition(type));
  }

  @Override
  protected PostgresInstanceSpec initSpec() {
    return null; // a record has no no-argument constructor
  }

  @Override
  protected PostgresInstanceStatus initStatus() {
    return null;
  }
}
