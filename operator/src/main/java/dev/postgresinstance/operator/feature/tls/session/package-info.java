/**
 * TLS in the operator's sessions: {@code TlsTask} compares what the server presents with what it
 * should present, and {@code PlainSessionsTask} counts and ends sessions without TLS.
 */
package dev.postgresinstance.operator.feature.tls.session;
