package dev.postgresinstance.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** One role in the database of an instance, with its login in a Secret. */
@Group(PostgresInstance.GROUP)
@Version(PostgresInstance.VERSION)
@Kind("PostgresRole")
@Plural("postgresroles")
@ShortNames("pgrole")
@ValidationRule(
    value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,56}[a-z0-9])?$')",
    fieldPath = ".metadata.name",
    message =
        "metadata.name must have at most 58 lower-case letters, digits and '-', because the Secret"
            + " of the role has this name with -role behind it")
@ValidationRule(
    value = "has(self.spec.name) || !(self.metadata.name in ['postgres', 'public', 'none'])",
    fieldPath = ".spec.name",
    message =
        "spec.name is required where metadata.name is postgres, public or none, because"
            + " PostgreSQL reserves these names")
@AdditionalPrinterColumn(
    name = "INSTANCE",
    jsonPath = ".spec.instanceRef.name",
    getDescription = "The instance.")
@AdditionalPrinterColumn(
    name = "ROLE",
    jsonPath = ".status.name",
    getDescription = "Name of the role in the database.")
@AdditionalPrinterColumn(
    name = "READY",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    getDescription = "Whether the role is as requested.")
@AdditionalPrinterColumn(
    name = "STATUS",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
    getDescription = "RoleReady, or why the role is not as requested.")
@AdditionalPrinterColumn(
    name = "SECRET",
    jsonPath = ".status.binding.name",
    getDescription = "Secret with the login.")
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since the creation of the resource.")
@AdditionalPrinterColumn(
    name = "CORRECTED",
    jsonPath = ".status.lastCorrection.time",
    type = AdditionalPrinterColumn.Type.DATE,
    priority = 1,
    getDescription = "Time since the operator took back a change of somebody else.")
@AdditionalPrinterColumn(
    name = "MESSAGE",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
    priority = 1,
    getDescription = "What is wrong and what to do.")
@SchemaCustomizer(RoleCrdSchema.class)
public class PostgresRole extends CustomResource<PostgresRoleSpec, PostgresRoleStatus>
    implements Namespaced {

  private static final long serialVersionUID = 1;

  @Override
  protected PostgresRoleSpec initSpec() {
    return null; // a record has no no-argument constructor
  }

  @Override
  protected PostgresRoleStatus initStatus() {
    return null;
  }
}
