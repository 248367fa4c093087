/**
 * The Service and the addresses at which clients reach the server.
 *
 * <p>{@code InstanceService} is the child, {@code Endpoints} derives the addresses from it and the
 * nodes, {@code ExternalAccess} reports whether clients outside the cluster have the address that
 * the spec asks for.
 */
package dev.postgresinstance.operator.feature.network;
