/**
 * X.509 certificates: {@code CertificateMaker} makes them, {@code CertificateCheck} says what is
 * wrong with one of a user, {@code KeyedCertificate} is one with its key in a Secret, {@code Pem}
 * their text, and {@code HostNames} which hosts they are for.
 */
package dev.postgresinstance.operator.feature.tls.certificate;
