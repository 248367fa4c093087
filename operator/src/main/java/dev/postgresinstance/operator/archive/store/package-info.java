/**
 * Stores of objects: the interface, and the implementation for S3. That for a mounted volume is in
 * a package of its own.
 *
 * <p>A store that fails throws {@code StoreException}, which names one of a few problems and has a
 * message for people.
 */
package dev.postgresinstance.operator.archive.store;
