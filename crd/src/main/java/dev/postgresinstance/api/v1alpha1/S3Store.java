package dev.postgresinstance.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A bucket of a store that speaks the protocol of Amazon S3.
 *
 * @param endpoint URL of the store; null or empty means Amazon S3 in the region
 * @param region name of the region; default us-east-1
 * @param bucket name of the bucket
 * @param prefix what the keys of all objects begin with; null or empty means nothing
 * @param pathStyle whether the bucket is a part of the path instead of the host name; default false
 * @param credentialsSecretRef Secret with accessKeyId, secretAccessKey and optionally sessionToken;
 *     null means the identity of the service account
 * @param caSecretRef Secret with the authority of the store's certificate in ca.crt; null means the
 *     public authorities
 * @param serviceAccountName service account of the pods, for workload identity; null or empty means
 *     the default one
 * @param serverSideEncryption AES256 or aws:kms; null or empty means the setting of the bucket
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value =
        "!has(self.endpoint) || self.endpoint == ''"
            + " || self.endpoint.matches('^https?://[^/?#@ ]+/?$')",
    fieldPath = ".endpoint",
    message =
        "s3.endpoint must be a URL with scheme, host and optionally port, for example"
            + " https://s3.example.com:9000; the bucket has a field of its own")
public record S3Store(
    @JsonPropertyDescription(
            "URL of the store, for example https://s3.example.com:9000. Default: Amazon S3 in the"
                + " region.")
        @Size(max = 512)
        String endpoint,
    @JsonPropertyDescription("Region of the bucket. Stores without regions accept any.")
        @Default("us-east-1")
        @Size(max = 64)
        @ValidationRule(
            value = "self.matches('^[a-zA-Z0-9-]+$')",
            message = "s3.region must be the name of a region, such as eu-central-1")
        String region,
    @JsonPropertyDescription("Name of the bucket. The operator does not create it.")
        @Required
        @Size(max = 63)
        @ValidationRule(
            value = "self.matches('^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$')",
            message =
                "s3.bucket must be the name of a bucket: 3 to 63 lower-case letters, digits, '-'"
                    + " and '.'")
        String bucket,
    @JsonPropertyDescription(
            "What the keys of all objects begin with, without a slash at both ends, for example"
                + " team-a. Several instances can have the same one.")
        @Size(max = 512)
        @ValidationRule(
            value = "self == '' || self.matches('^[-_.a-zA-Z0-9]+(/[-_.a-zA-Z0-9]+)*$')",
            message =
                "s3.prefix must consist of letters, digits, '-', '_' and '.', separated by single"
                    + " slashes")
        String prefix,
    @JsonPropertyDescription(
            "Whether the bucket is a part of the path instead of the host name. Most stores other"
                + " than Amazon S3 need true.")
        @Default("false")
        Boolean pathStyle,
    @JsonPropertyDescription(
            "Secret with accessKeyId, secretAccessKey and optionally sessionToken. Default: the"
                + " identity that the platform gives to the service account.")
        SecretReference credentialsSecretRef,
    @JsonPropertyDescription(
            "Secret whose key ca.crt has the authority that signed the certificate of the store."
                + " Default: the public authorities.")
        SecretReference caSecretRef,
    @JsonPropertyDescription(
            "Service account of the backup pods, for workload identity. They get no token for the"
                + " Kubernetes API.")
        @Size(max = 253)
        @ValidationRule(
            value =
                "self == '' || self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
            message = "s3.serviceAccountName must be the name of a service account")
        String serviceAccountName,
    @JsonPropertyDescription(
            "Encryption by the store: AES256 or aws:kms. Default: the setting of the bucket.")
        @Size(max = 64)
        @ValidationRule(
            value = "self in ['', 'AES256', 'aws:kms']",
            message = "s3.serverSideEncryption must be AES256 or aws:kms")
        String serverSideEncryption) {}
