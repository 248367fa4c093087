package dev.postgresinstance.operator.archive.store;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import dev.postgresinstance.operator.archive.store.mounted.MountedAuthority;
import dev.postgresinstance.operator.archive.store.mounted.MountedCredentials;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** The SDK's client for one bucket, and what it has found out about the store. */
final class S3Connection implements AutoCloseable {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(30);

  /** With the timeouts, a call reports within 20 seconds that no connection is possible. */
  private static final int ATTEMPTS = 3;

  private static final BackoffStrategy BACKOFF =
      BackoffStrategy.exponentialDelayHalfJitter(Duration.ofMillis(200), Duration.ofSeconds(2));

  private final S3Config config;
  private final S3Client client;
  private volatile boolean withoutChecksums;

  S3Connection(S3Config config, Path credentials, Optional<Path> authority) {
    this.config = config;
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(config.region()))
            .forcePathStyle(config.pathStyle())
            .credentialsProvider(MountedCredentials.in(credentials))
            .httpClientBuilder(http(authority))
            // Stores that do not know the checksums of the SDK reject them.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .addPlugin(LegacyMd5Plugin.create())
            // Not every store knows Amazon's own encoding, or answers "100 Continue".
            .serviceConfiguration(
                s3 -> s3.chunkedEncodingEnabled(false).expectContinueEnabled(false))
            .overrideConfiguration(sdk -> sdk.retryStrategy(retries()));
    if (!config.endpoint().isEmpty()) {
      builder.endpointOverride(URI.create(config.endpoint()));
    }
    client = builder.build();
  }

  private static UrlConnectionHttpClient.Builder http(Optional<Path> authority) {
    UrlConnectionHttpClient.Builder builder =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(CONNECT_TIMEOUT)
            .socketTimeout(SOCKET_TIMEOUT);
    authority.ifPresent(
        file ->
            builder.tlsTrustManagersProvider(
                () -> new TrustManager[] {new MountedAuthority(file)}));
    return builder;
  }

  private static StandardRetryStrategy retries() {
    return StandardRetryStrategy.builder()
        .useClientDefaults(false)
        .maxAttempts(ATTEMPTS)
        .backoffStrategy(BACKOFF)
        .throttlingBackoffStrategy(BACKOFF)
        .retryOnException(S3Failure::isWorthRetrying)
        .build();
  }

  S3Config config() {
    return config;
  }

  S3Client client() {
    return client;
  }

  /** Sends a request. */
  <T> T call(Supplier<T> request) throws StoreException {
    try {
      return request.get();
    } catch (SdkException e) {
      throw S3Failure.of(config, e);
    }
  }

  /**
   * Sends a request with a checksum, and once more without if the store does not support it. From
   * then on, requests have no checksum.
   *
   * @param request is asked to add a checksum, or not
   */
  <T> T callWithChecksum(Function<Boolean, T> request) throws StoreException {
    if (withoutChecksums) {
      return call(() -> request.apply(false));
    }
    try {
      return call(() -> request.apply(true));
    } catch (StoreException e) {
      if (e.problem() != Problem.UNSUPPORTED) {
        throw e;
      }
      T result = call(() -> request.apply(false));
      withoutChecksums = true;
      return result;
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
