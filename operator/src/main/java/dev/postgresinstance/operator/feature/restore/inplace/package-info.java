/**
 * Restores the data of an instance in place, as an annotation of the resource requests.
 *
 * <p>{@code RestoreRequest} reads the annotation, and {@code InPlaceState} says how far the restore
 * is. While the server runs, a Job restores the data onto another claim ({@code InPlaceOrder}).
 * When that is complete, {@code InPlaceServer} stops the server, and {@code InPlaceClaims}
 * exchanges the claims; the former one stays until a person deletes it. {@code InPlaceMessages}
 * tells all of it.
 */
package dev.postgresinstance.operator.feature.restore.inplace;
