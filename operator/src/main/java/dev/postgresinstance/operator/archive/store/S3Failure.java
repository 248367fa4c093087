package dev.postgresinstance.operator.archive.store;

import static java.util.Map.entry;

import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import dev.postgresinstance.operator.archive.store.mounted.MountedCredentials;
import dev.postgresinstance.operator.common.Text;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;

/** What the errors of the SDK and of stores mean: the only place that knows their words. */
final class S3Failure {

  private static final int MAX_WORDS = 300;
  private static final String READ_TIMEOUT = "Read timed out";

  /** The SDK has found no credentials in any of its ways. */
  private static final String NO_IDENTITY = MountedCredentials.MISSING + " from any";

  /** What the codes of stores mean; others are judged by the status of HTTP. */
  private static final Map<String, Problem> CODES =
      Map.ofEntries(
          entry("AccessDenied", Problem.ACCESS_DENIED),
          entry("AllAccessDisabled", Problem.ACCESS_DENIED),
          entry("ExpiredToken", Problem.ACCESS_DENIED),
          entry("InvalidAccessKeyId", Problem.ACCESS_DENIED),
          entry("InvalidToken", Problem.ACCESS_DENIED),
          entry("SignatureDoesNotMatch", Problem.ACCESS_DENIED),
          entry("XAdminUserNotFound", Problem.ACCESS_DENIED),
          entry("NoSuchBucket", Problem.BUCKET_MISSING),
          entry("AuthorizationHeaderMalformed", Problem.WRONG_REGION),
          entry("IllegalLocationConstraintException", Problem.WRONG_REGION),
          entry("InvalidRegion", Problem.WRONG_REGION),
          entry("PermanentRedirect", Problem.WRONG_REGION),
          entry("EntityTooLarge", Problem.STORE_FULL),
          entry("InsufficientStorage", Problem.STORE_FULL),
          entry("QuotaExceeded", Problem.STORE_FULL),
          entry("XMinioAdminBucketQuotaExceeded", Problem.STORE_FULL),
          entry("XMinioStorageFull", Problem.STORE_FULL),
          entry("RequestExpired", Problem.CLOCK_SKEW),
          entry("RequestInTheFuture", Problem.CLOCK_SKEW),
          entry("RequestTimeTooSkewed", Problem.CLOCK_SKEW),
          entry("MethodNotAllowed", Problem.UNSUPPORTED),
          entry("MissingContentMD5", Problem.UNSUPPORTED),
          entry("NotImplemented", Problem.UNSUPPORTED),
          // The content was damaged on its way.
          entry("BadDigest", Problem.UNREACHABLE),
          entry("XAmzContentChecksumMismatch", Problem.UNREACHABLE),
          entry("XAmzContentSHA256Mismatch", Problem.UNREACHABLE),
          entry("ConditionalRequestConflict", Problem.UNREACHABLE),
          entry("OperationAborted", Problem.UNREACHABLE),
          entry("RequestTimeout", Problem.UNREACHABLE),
          entry("SlowDown", Problem.UNREACHABLE));

  private static final Map<Integer, Problem> STATUSES =
      Map.of(
          301, Problem.WRONG_REGION,
          307, Problem.WRONG_REGION,
          401, Problem.ACCESS_DENIED,
          403, Problem.ACCESS_DENIED,
          405, Problem.UNSUPPORTED,
          408, Problem.UNREACHABLE,
          429, Problem.UNREACHABLE,
          501, Problem.UNSUPPORTED,
          507, Problem.STORE_FULL);

  private static final int SERVER_ERROR = 500;

  /** Errors about credentials, with words that may contain parts of them. */
  private static final Set<String> CODES_WITHOUT_WORDS =
      Set.of("ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch");

  private S3Failure() {}

  /** The exception for a failed request. */
  static StoreException of(S3Config config, SdkException failure) {
    return exception(config, problem(failure), words(failure), failure);
  }

  /** The exception for one of several keys of a request. */
  static StoreException of(S3Config config, String code, String message) {
    Problem problem = problem(code, message).orElse(Problem.REJECTED);
    return exception(config, problem, words(code, message), null);
  }

  /** The exception for a connection that broke while the content of an object was read. */
  static StoreException broken(S3Config config, IOException failure) {
    return exception(config, Problem.UNREACHABLE, oneLine(failure.getMessage()), failure);
  }

  /** Whether another attempt, at once, may succeed. */
  static boolean isWorthRetrying(Throwable failure) {
    if (!(failure instanceof SdkException sdk) || failure instanceof AbortedException) {
      return false;
    }
    // A store that has hung for the whole timeout would only hang again. After an answer about
    // clocks, the SDK signs with the time of the store.
    Problem problem = problem(sdk);
    return problem == Problem.CLOCK_SKEW
        || (problem == Problem.UNREACHABLE && !words(sdk).contains(READ_TIMEOUT));
  }

  private static StoreException exception(
      S3Config config, Problem problem, String words, Throwable cause) {
    String format =
        switch (problem) {
          case UNREACHABLE -> "Bucket %s at %s is not reachable: ";
          case ACCESS_DENIED -> "Bucket %s at %s denies access: ";
          case BUCKET_MISSING -> "There is no bucket %s at %s: ";
          case WRONG_REGION -> "Bucket %s at %s belongs to another region: ";
          case STORE_FULL -> "Bucket %s at %s has no space or quota left: ";
          case UNSUPPORTED -> "Bucket %s at %s does not support a request: ";
          case CLOCK_SKEW -> "The clocks of bucket %s at %s and of this node differ: ";
          case CERTIFICATE_INVALID -> "The certificate of bucket %s at %s is not trusted: ";
          case REJECTED -> "Bucket %s at %s rejects a request: ";
        };
    String sentence = format.formatted(config.bucket(), config.place());
    return new StoreException(problem, sentence + words, cause);
  }

  /** What is wrong. */
  static Problem problem(SdkException failure) {
    if (failure instanceof SdkServiceException service) {
      Optional<AwsErrorDetails> details = details(service);
      String code = details.map(AwsErrorDetails::errorCode).orElse("");
      String message = details.map(AwsErrorDetails::errorMessage).orElse("");
      return problem(code, message).orElseGet(() -> ofStatus(service.statusCode()));
    }
    if (String.valueOf(failure.getMessage()).contains(MountedCredentials.MISSING)) {
      return Problem.ACCESS_DENIED;
    }
    if (isCertificateFault(failure)) {
      return Problem.CERTIFICATE_INVALID;
    }
    boolean noTls = hasCause(failure, SSLException.class::isInstance);
    boolean network =
        hasCause(failure, IOException.class::isInstance)
            || failure instanceof ApiCallTimeoutException
            || failure instanceof AbortedException;
    return network && (!noTls || isHangUp(failure)) ? Problem.UNREACHABLE : Problem.REJECTED;
  }

  private static Optional<Problem> problem(String code, String message) {
    boolean aboutChecksums =
        Set.of("InvalidRequest", "InvalidArgument").contains(code)
            && message != null
            && message.toLowerCase(Locale.ROOT).contains("checksum");
    return aboutChecksums
        ? Optional.of(Problem.UNSUPPORTED)
        : Optional.ofNullable(code).map(CODES::get);
  }

  private static Problem ofStatus(int status) {
    return STATUSES.getOrDefault(
        status, status >= SERVER_ERROR ? Problem.UNREACHABLE : Problem.REJECTED);
  }

  private static boolean isCertificateFault(SdkException failure) {
    return hasCause(
            failure,
            cause ->
                cause instanceof CertificateException
                    || cause instanceof CertPathValidatorException
                    || cause instanceof SSLPeerUnverifiedException)
        || (hasCause(failure, SSLHandshakeException.class::isInstance) && !isHangUp(failure));
  }

  /** The other side closed the connection; that is no fault of TLS. */
  private static boolean isHangUp(SdkException failure) {
    return hasCause(
        failure, cause -> cause instanceof EOFException || cause instanceof SocketException);
  }

  private static boolean hasCause(Throwable failure, Predicate<Throwable> matches) {
    return causes(failure).anyMatch(matches);
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
  }

  private static Optional<AwsErrorDetails> details(SdkServiceException failure) {
    return failure instanceof AwsServiceException aws
        ? Optional.ofNullable(aws.awsErrorDetails())
        : Optional.empty();
  }

  private static String words(SdkException failure) {
    if (failure instanceof SdkServiceException service) {
      Optional<AwsErrorDetails> details = details(service);
      Optional<String> code = details.map(AwsErrorDetails::errorCode);
      return code.isPresent()
          ? words(code.get(), details.get().errorMessage())
          : "status " + service.statusCode();
    }
    if (String.valueOf(failure.getMessage()).startsWith(NO_IDENTITY)) {
      return "there is no Secret with credentials, and the pod has no identity that Amazon knows";
    }
    Throwable root = causes(failure).reduce(failure, (first, last) -> last);
    return root instanceof UnknownHostException
        ? "unknown host " + oneLine(root.getMessage())
        : oneLine(String.valueOf(root.getMessage()));
  }

  private static String words(String code, String message) {
    return CODES_WITHOUT_WORDS.contains(code) || message == null || message.isBlank()
        ? code
        : code + ", " + oneLine(message);
  }

  private static String oneLine(String words) {
    return Text.abbreviate(words.strip().replaceAll("\\s+", " "), MAX_WORDS);
  }
}
