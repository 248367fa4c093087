/**
 * Encryption of connections: the authority of the instance, and the certificate of its server.
 *
 * <p>{@code CertificateAuthority} and {@code ServerCertificate} say what the two Secrets hold, made
 * by {@code CertificateMaker} for the {@code CertificateNames}. {@code TlsServerPart} adds the
 * certificate to the pod and to postgresql.conf. In each session, {@code TlsTask} compares what the
 * server presents with what it should present, and has it load that. {@code PublishedTls} is what
 * the Secrets with credentials contain.
 */
package dev.postgresinstance.operator.feature.tls;
