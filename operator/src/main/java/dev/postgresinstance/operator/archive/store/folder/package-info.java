/** The store on a mounted volume: {@code FolderStore}. */
package dev.postgresinstance.operator.archive.store.folder;
