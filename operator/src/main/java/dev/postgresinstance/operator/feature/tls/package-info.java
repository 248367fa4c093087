/**
 * Encryption of connections: the authority of the instance, and the certificate of its server.
 *
 * <p>{@code AuthorityPlan} and {@code ServerCertificate} say what the two Secrets hold, for the
 * {@code CertificateNames} or from the user's {@code ProvidedCertificate}; the package {@code
 * certificate} makes and checks certificates. {@code TlsServerPart} adds the certificate to the
 * pod, to postgresql.conf and to pg_hba.conf. The tasks of the package {@code session} find out
 * what the server does, and {@code TlsReport} tells it. {@code PublishedTls} is what the Secrets
 * with credentials contain.
 */
package dev.postgresinstance.operator.feature.tls;
