package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * The certificate of the server.
 *
 * @param notAfter when the certificate expires, in RFC 3339
 * @param issuer distinguished name of the authority that issued the certificate, as in RFC 2253
 * @param names host names and addresses in the certificate
 * @param serialNumber serial number of the certificate, in hexadecimal digits, as OpenSSL prints it
 * @param serving whether the server presented this certificate in the last login; null before the
 *     first login
 * @param required whether the server refuses connections from the network without TLS; null before
 *     the first login
 * @param unencrypted the sessions from the network that do not use TLS; null if there are none
 * @param authority the operator's authority; null while the instance has none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TlsStatus(
    @JsonPropertyDescription("When the certificate expires. The operator renews its own before.")
        @Size(max = 32)
        String notAfter,
    @JsonPropertyDescription("The authority that issued the certificate.") @Size(max = 1024)
        String issuer,
    @JsonPropertyDescription("Host names and addresses in the certificate.") @Size(max = 256)
        List<@Size(max = 253) String> names,
    @JsonPropertyDescription("Serial number of the certificate, in hexadecimal digits.")
        @Size(max = 64)
        String serialNumber,
    @JsonPropertyDescription(
            "Whether the server presented this certificate in the last login of the operator.")
        Boolean serving,
    @JsonPropertyDescription(
            "Whether the running server refuses connections from the network without TLS.")
        Boolean required,
    @JsonPropertyDescription(
            "Sessions from the network that do not use TLS. spec.tls.required ends them. Absent if"
                + " there are none.")
        UnencryptedStatus unencrypted,
    @JsonPropertyDescription("The authority of this instance, with which the operator signs.")
        AuthorityStatus authority) {}
