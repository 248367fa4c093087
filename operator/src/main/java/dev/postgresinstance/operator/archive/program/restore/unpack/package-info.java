/**
 * The files of a base backup: {@code BaseUnpacker} reads the tar, {@code UnpackedFiles} writes its
 * files, and both compare everything with the manifest.
 */
package dev.postgresinstance.operator.archive.program.restore.unpack;
