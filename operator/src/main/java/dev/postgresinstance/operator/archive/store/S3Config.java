package dev.postgresinstance.operator.archive.store;

import java.net.URI;

/**
 * Where the objects are, and how to ask for them. Contains no secret.
 *
 * @param endpoint URL of the store; empty means Amazon's endpoint of the region
 * @param region empty means us-east-1, which most other stores accept
 * @param prefix what the key of each object begins with; ends with a slash unless it is empty
 * @param pathStyle whether the bucket is a part of the path instead of the host name
 * @param serverSideEncryption what the store encrypts with, such as {@code AES256} or {@code
 *     aws:kms}; empty means the default of the bucket
 */
public record S3Config(
    String endpoint,
    String region,
    String bucket,
    String prefix,
    boolean pathStyle,
    String serverSideEncryption) {

  private static final String DEFAULT_REGION = "us-east-1";

  /**
   * Completes the prefix and the region.
   *
   * @throws IllegalArgumentException when the bucket is empty, or the endpoint is no URL
   */
  public S3Config {
    if (bucket.isEmpty()) {
      throw new IllegalArgumentException("the bucket has no name");
    }
    if (!endpoint.isEmpty() && !isUrl(endpoint)) {
      throw new IllegalArgumentException("the endpoint is no http or https URL: " + endpoint);
    }
    region = region.isEmpty() ? DEFAULT_REGION : region;
    prefix = prefix.replaceAll("^/+|/+$", "");
    prefix = prefix.isEmpty() ? "" : prefix + "/";
  }

  /** The key in the bucket. */
  String fullKey(String key) {
    return prefix + key;
  }

  /** The key without the prefix. */
  String shortKey(String fullKey) {
    return fullKey.substring(prefix.length());
  }

  /** The endpoint for people. */
  String place() {
    return endpoint.isEmpty() ? "Amazon S3 in " + region : endpoint;
  }

  private static boolean isUrl(String text) {
    URI uri = URI.create(text);
    return uri.getHost() != null
        && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
  }
}
