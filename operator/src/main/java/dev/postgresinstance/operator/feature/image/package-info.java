/**
 * Which image runs the server.
 *
 * <p>{@code ImagePlan} takes the image of the spec or of {@code PostgresImages}, and the last image
 * that worked when the requested one does not. {@code CollationTask} finds databases whose indexes
 * do not fit the image.
 */
package dev.postgresinstance.operator.feature.image;
