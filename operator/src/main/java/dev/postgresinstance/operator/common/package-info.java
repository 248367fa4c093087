/**
 * Small building blocks that know nothing about Kubernetes, PostgreSQL or the operator: hashes,
 * bounded maps, text resources and the truncation of texts.
 *
 * <p>Every other package may use this one; this one imports nothing of the project. Its classes
 * keep no global state: data comes in as arguments and leaves as results.
 */
package dev.postgresinstance.operator.common;
