package dev.postgresinstance.operator.archive.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3FailureTest {

  private static final S3Config CONFIG = ScriptedS3.config("https://s3.example.com");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          403 | AccessDenied                       | ACCESS_DENIED
          403 | InvalidAccessKeyId                 | ACCESS_DENIED
          403 | SignatureDoesNotMatch              | ACCESS_DENIED
          404 | XAdminUserNotFound                 | ACCESS_DENIED
          400 | ExpiredToken                       | ACCESS_DENIED
          400 | InvalidToken                       | ACCESS_DENIED
          403 | SomethingNew                       | ACCESS_DENIED
          401 | ''                                 | ACCESS_DENIED
          403 | ''                                 | ACCESS_DENIED
          404 | NoSuchBucket                       | BUCKET_MISSING
          301 | PermanentRedirect                  | WRONG_REGION
          301 | ''                                 | WRONG_REGION
          400 | AuthorizationHeaderMalformed       | WRONG_REGION
          400 | IllegalLocationConstraintException | WRONG_REGION
          507 | ''                                 | STORE_FULL
          507 | InsufficientStorage                | STORE_FULL
          403 | QuotaExceeded                      | STORE_FULL
          400 | EntityTooLarge                     | STORE_FULL
          507 | XMinioStorageFull                  | STORE_FULL
          403 | RequestTimeTooSkewed               | CLOCK_SKEW
          501 | NotImplemented                     | UNSUPPORTED
          405 | MethodNotAllowed                   | UNSUPPORTED
          400 | BadDigest                          | UNREACHABLE
          409 | ConditionalRequestConflict         | UNREACHABLE
          400 | RequestTimeout                     | UNREACHABLE
          503 | SlowDown                           | UNREACHABLE
          500 | InternalError                      | UNREACHABLE
          502 | ''                                 | UNREACHABLE
          429 | ''                                 | UNREACHABLE
          400 | InvalidRequest                     | REJECTED
          409 | InvalidBucketState                 | REJECTED
          404 | NoSuchUpload                       | REJECTED
          """)
  void mapsAnswers(int status, String code, Problem problem) {
    assertThat(S3Failure.of(CONFIG, answer(status, code, "words")).problem()).isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource({"InvalidRequest", "InvalidArgument"})
  void rejectedChecksumIsUnsupported(String code) {
    // When
    StoreException failure =
        S3Failure.of(CONFIG, answer(400, code, "Checksum algorithm provided is unsupported."));

    // Then
    assertThat(failure.problem()).isEqualTo(Problem.UNSUPPORTED);
  }

  static Stream<Arguments> connections() {
    return Stream.of(
        arguments(new ConnectException("Connection refused"), Problem.UNREACHABLE, true),
        arguments(new UnknownHostException("s3.example.com"), Problem.UNREACHABLE, true),
        arguments(new SocketTimeoutException("Connect timed out"), Problem.UNREACHABLE, true),
        arguments(new SocketTimeoutException("Read timed out"), Problem.UNREACHABLE, false),
        arguments(new SocketException("Connection reset"), Problem.UNREACHABLE, true),
        arguments(
            new SSLHandshakeException("Remote host terminated the handshake")
                .initCause(new EOFException("SSL peer shut down incorrectly")),
            Problem.UNREACHABLE,
            true),
        arguments(
            new SSLHandshakeException("PKIX path building failed")
                .initCause(new CertificateException("PKIX path building failed")),
            Problem.CERTIFICATE_INVALID,
            false),
        arguments(
            new SSLHandshakeException("PKIX path validation failed")
                .initCause(new CertPathValidatorException("timestamp check failed")),
            Problem.CERTIFICATE_INVALID,
            false),
        arguments(
            new SSLHandshakeException("Received fatal alert: handshake_failure"),
            Problem.CERTIFICATE_INVALID,
            false),
        arguments(
            new SSLException("Unsupported or unrecognized SSL message"), Problem.REJECTED, false));
  }

  @ParameterizedTest
  @MethodSource("connections")
  void mapsConnections(Throwable cause, Problem problem, boolean retry) {
    // Given
    SdkException failure =
        SdkClientException.create("Unable to execute HTTP request: " + cause.getMessage(), cause);

    // Then
    assertThat(S3Failure.of(CONFIG, failure).problem()).isEqualTo(problem);
    assertThat(S3Failure.isWorthRetrying(failure)).isEqualTo(retry);
  }

  @Test
  void missingCredentialsAreDeniedAccess() {
    // Given
    SdkException failure =
        SdkClientException.create(
            "Unable to load credentials from any of the providers in the chain",
            new IOException("Connection refused"));

    // Then
    assertThat(S3Failure.of(CONFIG, failure).problem()).isEqualTo(Problem.ACCESS_DENIED);
    assertThat(S3Failure.of(CONFIG, failure))
        .hasMessage(
            "Bucket backups at https://s3.example.com denies access: there is no Secret with "
                + "credentials, and the pod has no identity that Amazon knows");
  }

  @Test
  void messageNamesBucketAndEndpoint() {
    // When
    StoreException failure =
        S3Failure.of(CONFIG, answer(403, "AccessDenied", "User team\n may not  s3:PutObject"));

    // Then
    assertThat(failure)
        .hasMessage(
            "Bucket backups at https://s3.example.com denies access: "
                + "AccessDenied, User team may not s3:PutObject");
  }

  @Test
  void messageHasNoWordsThatMayContainCredentials() {
    // When
    StoreException failure =
        S3Failure.of(CONFIG, answer(403, "InvalidAccessKeyId", "The key AKIAEXAMPLE is unknown"));

    // Then
    assertThat(failure)
        .hasMessage("Bucket backups at https://s3.example.com denies access: InvalidAccessKeyId");
  }

  @Test
  void messageOfFailedConnectionHasTheCause() {
    // When
    StoreException failure =
        S3Failure.of(
            CONFIG,
            SdkClientException.create(
                "Unable to execute HTTP request", new UnknownHostException("s3.example.com")));

    // Then
    assertThat(failure)
        .hasMessage(
            "Bucket backups at https://s3.example.com is not reachable: "
                + "unknown host s3.example.com");
  }

  private static SdkException answer(int status, String code, String message) {
    AwsErrorDetails details =
        AwsErrorDetails.builder()
            .errorCode(code.isEmpty() ? null : code)
            .errorMessage(message)
            .build();
    return S3Exception.builder().statusCode(status).awsErrorDetails(details).build();
  }
}
