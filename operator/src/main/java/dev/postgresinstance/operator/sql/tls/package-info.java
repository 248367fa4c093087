/**
 * TLS below the driver: {@code TlsHandshake} makes a {@code TlsConnection} before the driver sends
 * anything, with an engine of {@code TlsEngines}; {@code CertificateVerifier} verifies the
 * certificate with a {@code TlsTrust} and returns the {@code ServerIdentity}. A {@code Deadline}
 * closes a connection that a hostile server keeps busy.
 *
 * <p>The driver could do that itself, but then the bounds of {@code BoundedSocketFactory} would
 * count what is encrypted, and the certificate would not be accessible.
 */
package dev.postgresinstance.operator.sql.tls;
