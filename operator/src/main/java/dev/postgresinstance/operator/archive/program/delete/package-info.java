/**
 * The program that deletes backups from an archive because their resources are gone. It needs the
 * store only: neither the server nor the Kubernetes API.
 */
package dev.postgresinstance.operator.archive.program.delete;
