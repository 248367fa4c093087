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

/**
 * One base backup of an instance. The write-ahead log that the archive of the instance has from
 * then on makes each later moment recoverable.
 */
@Group(PostgresInstance.GROUP)
@Version(PostgresInstance.VERSION)
@Kind("PostgresBackup")
@Plural("postgresbackups")
@ShortNames("pgbackup")
@ValidationRule(
    value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
    fieldPath = ".metadata.name",
    message =
        "metadata.name must have at most 63 lower-case letters, digits and '-', because the Job of"
            + " the backup has the same name")
@ValidationRule(
    value = "!self.metadata.name.endsWith('-restore')",
    fieldPath = ".metadata.name",
    message = "metadata.name must not end with -restore, like the Job that restores an instance")
@ValidationRule(
    value = "!self.metadata.name.endsWith('-verify')",
    fieldPath = ".metadata.name",
    message = "metadata.name must not end with -verify, like the Job that verifies a backup")
@ValidationRule(
    value = "!self.metadata.name.endsWith('-backup-deletion')",
    fieldPath = ".metadata.name",
    message =
        "metadata.name must not end with -backup-deletion, like the Job that deletes backups from"
            + " the store")
@AdditionalPrinterColumn(
    name = "INSTANCE",
    jsonPath = ".spec.instanceRef.name",
    getDescription = "The instance.")
@AdditionalPrinterColumn(
    name = "COMPLETE",
    jsonPath = ".status.conditions[?(@.type==\"Complete\")].status",
    getDescription = "Whether the backup can be restored.")
@AdditionalPrinterColumn(
    name = "STATUS",
    jsonPath = ".status.conditions[?(@.type==\"Complete\")].reason",
    getDescription = "Completed, or why the backup is not complete.")
@AdditionalPrinterColumn(
    name = "SIZE",
    jsonPath = ".status.size",
    getDescription = "Size of the data.")
@AdditionalPrinterColumn(
    name = "STORED",
    jsonPath = ".status.storedSize",
    getDescription = "Size in the store, without the write-ahead log.")
@AdditionalPrinterColumn(
    name = "COMPLETED",
    jsonPath = ".status.completedAt",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since the backup was complete.")
@AdditionalPrinterColumn(
    name = "VERIFIED",
    jsonPath = ".status.verifiedTime",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since the backup was restored and checked with success.")
@AdditionalPrinterColumn(
    name = "AGE",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since the creation of the resource.")
@AdditionalPrinterColumn(
    name = "VERSION",
    jsonPath = ".status.version",
    priority = 1,
    getDescription = "Version of the server.")
@AdditionalPrinterColumn(
    name = "MESSAGE",
    jsonPath = ".status.conditions[?(@.type==\"Complete\")].message",
    priority = 1,
    getDescription = "What is wrong and what to do.")
@SchemaCustomizer(BackupCrdSchema.class)
public class PostgresBackup extends CustomResource<PostgresBackupSpec, PostgresBackupStatus>
    implements Namespaced {

  private static final long serialVersionUID = 1;

  @Override
  protected PostgresBackupSpec initSpec() {
    return null; // a record has no no-argument constructor
  }

  @Override
  protected PostgresBackupStatus initStatus() {
    return null;
  }
}
