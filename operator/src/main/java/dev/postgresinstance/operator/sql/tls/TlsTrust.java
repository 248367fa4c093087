package dev.postgresinstance.operator.sql.tls;

/**
 * Which certificate a server must present.
 *
 * @param authorities the trusted authorities, as PEM
 * @param host the name that the certificate must contain; the connection may go to an address
 */
public record TlsTrust(String authorities, String host) {}
