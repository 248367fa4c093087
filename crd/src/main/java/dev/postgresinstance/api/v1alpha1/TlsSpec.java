package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Encryption of connections. The server always offers TLS, with a certificate of the operator or of
 * the user.
 *
 * @param required whether connections from the network without TLS are refused; default false
 * @param minVersion the oldest version of TLS that the server accepts; default 1.2
 * @param dnsNames further names in the certificate; null or empty means none
 * @param secretName name of a Secret with the user's certificate, in the namespace of the instance;
 *     null or empty means a certificate of the operator
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TlsSpec(
    @JsonPropertyDescription(
            "Whether the server refuses connections from the network without TLS. True also ends"
                + " the sessions that do not use TLS; before that, status.tls.unencrypted shows"
                + " them. It takes effect without a restart. Connections on the socket inside the"
                + " pod, as with kubectl exec, are not affected.")
        @Default("false")
        Boolean required,
    @JsonPropertyDescription("Oldest version of TLS that the server accepts.") @Default("\"1.2\"")
        TlsVersion minVersion,
    @JsonPropertyDescription(
            "Further host names in the certificate, for example of a proxy or a DNS alias. The"
                + " certificate always contains the names of the Service, the published addresses,"
                + " and localhost. A change takes effect without a restart.")
        @Size(max = 32)
        @ValidationRule(
            value =
                "self.all(n, !n.matches('^[0-9.]+$') && n.matches('^([*][.])?[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
                    + "([.][a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$'))",
            message =
                "tls.dnsNames must be host names such as db.example.com or *.db.example.com,"
                    + " without port")
        List<@Size(max = 253) String> dnsNames,
    @JsonPropertyDescription(
            "Secret with a certificate of your own: tls.crt, tls.key and ca.crt, as cert-manager"
                + " writes them. The certificate must contain the published addresses and"
                + " tls.dnsNames. By default, the operator issues the certificate. A change takes"
                + " effect without a restart.")
        @Size(max = 253)
        @ValidationRule(
            value =
                "self == '' || self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
            message =
                "tls.secretName must be the name of a Secret: lower-case letters, digits, '-' and"
                    + " '.'")
        String secretName) {}
