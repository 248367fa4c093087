package dev.postgresinstance.operator.archive.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.postgresinstance.operator.archive.store.ObjectStore.StoredObject;
import dev.postgresinstance.operator.archive.store.ScriptedS3.Answer;
import dev.postgresinstance.operator.archive.store.ScriptedS3.Request;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3StoreTest {

  private static final String SHA256 = "x-amz-checksum-sha256";
  private static final byte[] CONTENT = "content".getBytes(UTF_8);

  @TempDir private Path credentials;
  private ScriptedS3 s3;
  private S3Store store;

  @BeforeEach
  void start() throws IOException {
    s3 = new ScriptedS3();
    rotateTo("first");
    store = new S3Store(s3.config(), credentials, Optional.empty());
  }

  @AfterEach
  void stop() {
    store.close();
    s3.close();
  }

  @Test
  void putSendsPlainContentWithItsChecksum() throws Exception {
    // When
    store.put("a/b.json", CONTENT);

    // Then
    Request request = s3.requests().getFirst();
    assertThat(request.target()).isEqualTo("/backups/team/a/b.json");
    assertThat(request.body()).isEqualTo("content");
    assertThat(request.header(SHA256)).isEqualTo(sha256(CONTENT));
    assertThat(request.header("Content-Encoding")).isEmpty();
  }

  @Test
  void putSendsFileWithItsChecksum() throws Exception {
    // Given
    Path file = Files.write(credentials.resolve("file"), CONTENT);

    // When
    store.put("file", file);

    // Then
    Request request = s3.requests().getFirst();
    assertThat(request.body()).isEqualTo("content");
    assertThat(request.header(SHA256)).isEqualTo(sha256(CONTENT));
  }

  @Test
  void storeWithoutChecksumsIsAskedOnce() throws StoreException {
    // Given
    s3.answer(
        request ->
            request.header(SHA256).isEmpty()
                ? Answer.ok()
                : Answer.error(501, "NotImplemented", "A header is not implemented"));

    // When
    store.put("a", CONTENT);
    store.put("b", CONTENT);

    // Then
    assertThat(s3.requests())
        .extracting(Request::target, request -> request.header(SHA256).isEmpty())
        .containsExactly(
            tuple("/backups/team/a", false),
            tuple("/backups/team/a", true),
            tuple("/backups/team/b", true));
  }

  @Test
  void storeThatSupportsNothingKeepsChecksums() {
    // Given
    s3.answer(request -> Answer.error(501, "NotImplemented", "words"));

    // When
    assertProblem(Problem.UNSUPPORTED, () -> store.put("a", CONTENT));
    s3.answer(request -> Answer.ok());

    // Then
    assertThat(putAndGetRequest("b").header(SHA256)).isNotEmpty();
  }

  @Test
  void putIfAbsentTellsThatThereIsAnObject() throws StoreException {
    // Given
    s3.answer(request -> Answer.error(412, "PreconditionFailed", "words"));

    // Then
    assertThat(store.putIfAbsent("a", CONTENT)).isFalse();
    assertThat(s3.requests().getFirst().header("If-None-Match")).isEqualTo("*");
  }

  @Test
  void putIfAbsentRepeatsAfterConflict() throws StoreException {
    // Given
    s3.answer(
        request ->
            s3.requests().size() == 1
                ? Answer.error(409, "ConditionalRequestConflict", "words")
                : Answer.ok());

    // Then
    assertThat(store.putIfAbsent("a", CONTENT)).isTrue();
    assertThat(s3.requests()).hasSize(2);
  }

  @Test
  void getFindsNothing() throws StoreException {
    // Given
    s3.answer(request -> Answer.error(404, "NoSuchKey", "words"));

    // Then
    assertThat(store.get("a")).isEmpty();
    assertThat(store.open("a")).isEmpty();
    assertThat(store.find("a")).isEmpty();
  }

  @Test
  void missingBucketIsNoMissingObject() {
    // Given
    s3.answer(request -> Answer.error(404, "NoSuchBucket", "words"));

    // Then
    assertProblem(Problem.BUCKET_MISSING, () -> store.get("a"));
  }

  @Test
  void listReadsAllPages() throws StoreException {
    // Given
    s3.answer(
        request ->
            request.target().contains("continuation-token=next")
                ? Answer.of(200, page("team/a/2", ""))
                : Answer.of(
                    200,
                    page(
                        "team/a/1",
                        "<IsTruncated>true</IsTruncated>"
                            + "<NextContinuationToken>next</NextContinuationToken>")));

    // When
    List<StoredObject> objects = store.list("a/");

    // Then
    Instant time = Instant.parse("2026-11-28T09:15:00Z");
    assertThat(objects)
        .containsExactly(new StoredObject("a/1", 7, time), new StoredObject("a/2", 7, time));
    assertThat(s3.requests().getFirst().target()).contains("prefix=team%2Fa%2F");
  }

  @Test
  void foldersAreBetweenPrefixAndSlash() throws StoreException {
    // Given
    s3.answer(
        request ->
            Answer.of(
                200,
                "<ListBucketResult><CommonPrefixes><Prefix>team/a/x/</Prefix></CommonPrefixes>"
                    + "</ListBucketResult>"));

    // Then
    assertThat(store.folders("a/")).containsExactly("x");
    assertThat(s3.requests().getFirst().target()).contains("delimiter=%2F");
  }

  @Test
  void rotatedCredentialsAreInForceAtOnce() throws Exception {
    // When
    store.put("a", CONTENT);
    rotateTo("second");
    store.put("b", CONTENT);

    // Then
    assertThat(s3.requests().get(0).header("Authorization")).contains("Credential=first/");
    assertThat(s3.requests().get(1).header("Authorization")).contains("Credential=second/");
  }

  @Test
  void emptySecretIsReported() throws IOException {
    // Given
    Files.delete(credentials.resolve("secretAccessKey"));

    // Then
    assertThatThrownBy(() -> store.put("a", CONTENT))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.problem()).isEqualTo(Problem.ACCESS_DENIED))
        .hasMessageContaining("the Secret has no key secretAccessKey")
        .hasMessageNotContaining("first");
  }

  @Test
  void closedPortIsReportedSoon() {
    // Given
    s3.close();
    Instant start = Instant.now();

    // Then
    assertProblem(Problem.UNREACHABLE, () -> store.put("a", CONTENT));
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void temporaryErrorIsRepeated() throws StoreException {
    // Given
    AtomicInteger failures = new AtomicInteger(2);
    s3.answer(
        request ->
            failures.getAndDecrement() > 0 ? Answer.error(503, "SlowDown", "words") : Answer.ok());

    // Then
    store.put("a", CONTENT);
    assertThat(s3.requests()).hasSize(3);
  }

  @Test
  void deletesThousandKeysWithOneRequest() throws StoreException {
    // Given
    s3.answer(request -> Answer.of(200, "<DeleteResult></DeleteResult>"));

    // When
    store.delete(IntStream.range(0, 2500).mapToObj(number -> "key" + number).toList());

    // Then
    assertThat(s3.requests()).hasSize(3).allMatch(request -> request.target().contains("?delete"));
    assertThat(s3.requests().getFirst().body()).contains("<Key>team/key999</Key>");
    assertThat(s3.requests().getFirst().header("Content-MD5")).isNotEmpty();
  }

  @Test
  void keyThatCannotBeDeletedIsReported() {
    // Given
    s3.answer(
        request ->
            Answer.of(
                200,
                "<DeleteResult><Error><Key>team/b</Key><Code>AccessDenied</Code>"
                    + "<Message>locked</Message></Error></DeleteResult>"));

    // Then
    assertThatThrownBy(() -> store.delete(List.of("a", "b")))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.problem()).isEqualTo(Problem.ACCESS_DENIED))
        .hasMessageContaining("1 of 2 objects were not deleted, such as team/b: locked");
  }

  @Test
  void storeThatCannotDeleteSeveralIsAskedOnce() throws StoreException {
    // Given
    s3.answer(
        request ->
            "POST".equals(request.method())
                ? Answer.error(501, "NotImplemented", "words")
                : Answer.of(204, ""));

    // When
    store.delete(List.of("a", "b"));
    store.delete(List.of("c", "d"));

    // Then
    assertThat(s3.requests())
        .extracting(Request::method)
        .containsExactly("POST", "DELETE", "DELETE", "DELETE", "DELETE");
  }

  private static String page(String key, String more) {
    return "<ListBucketResult>%s<Contents><Key>%s</Key><Size>7</Size>".formatted(more, key)
        + "<LastModified>2026-11-28T09:15:00.000Z</LastModified></Contents></ListBucketResult>";
  }

  private Request putAndGetRequest(String key) {
    try {
      store.put(key, CONTENT);
    } catch (StoreException e) {
      throw new AssertionError(e);
    }
    return s3.requests().getLast();
  }

  private void rotateTo(String id) throws IOException {
    Files.writeString(credentials.resolve("accessKeyId"), id + "\n");
    Files.writeString(credentials.resolve("secretAccessKey"), "secret-of-" + id);
  }

  private static void assertProblem(Problem problem, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.problem()).isEqualTo(problem));
  }

  private static String sha256(byte[] bytes) throws GeneralSecurityException {
    return Base64.getEncoder()
        .encodeToString(
            MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, bytes.length)));
  }
}
