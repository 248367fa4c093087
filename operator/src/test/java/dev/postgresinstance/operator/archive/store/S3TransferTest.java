package dev.postgresinstance.operator.archive.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.store.ScriptedS3.Answer;
import dev.postgresinstance.operator.archive.store.ScriptedS3.Request;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects that are larger than one request, and connections that break. */
class S3TransferTest {

  private static final String SHA256 = "x-amz-checksum-sha256";

  @TempDir private Path credentials;
  private ScriptedS3 s3;
  private S3Store store;

  @BeforeEach
  void start() throws IOException {
    s3 = new ScriptedS3();
    s3.answer(S3TransferTest::multipart);
    Files.writeString(credentials.resolve("accessKeyId"), "id");
    Files.writeString(credentials.resolve("secretAccessKey"), "secret");
    store = new S3Store(s3.config(), credentials, Optional.empty());
  }

  @AfterEach
  void stop() {
    store.close();
    s3.close();
  }

  @Test
  void shortStreamIsOneRequest() throws StoreException {
    // When
    long size = store.upload("a", new ByteArrayInputStream("content".getBytes(UTF_8)));

    // Then
    assertThat(size).isEqualTo(7);
    assertThat(s3.requests()).extracting(Request::method).containsExactly("PUT");
    assertThat(s3.requests().getFirst().body()).isEqualTo("content");
  }

  @Test
  void longStreamIsSentInParts() throws StoreException {
    // Given
    byte[] content = content(2 * S3Upload.PART_BYTES + 5);

    // When
    long size = store.upload("a", new ByteArrayInputStream(content));

    // Then
    assertThat(size).isEqualTo(content.length);
    assertThat(s3.requests())
        .extracting(Request::target)
        .containsExactly(
            "/backups/team/a?uploads",
            "/backups/team/a?partNumber=1&uploadId=id",
            "/backups/team/a?partNumber=2&uploadId=id",
            "/backups/team/a?partNumber=3&uploadId=id",
            "/backups/team/a?uploadId=id");
    assertThat(s3.requests().subList(1, 4))
        .extracting(request -> request.body().length())
        .containsExactly(S3Upload.PART_BYTES, S3Upload.PART_BYTES, 5);
    assertThat((byte) s3.requests().get(2).body().charAt(7))
        .isEqualTo(content[S3Upload.PART_BYTES + 7]);
    assertThat(s3.requests().get(3).header(SHA256)).isNotEmpty();
    assertThat(s3.requests().get(4).body()).contains("<PartNumber>3</PartNumber>");
  }

  @Test
  void failedStreamLeavesNothing() {
    // Given
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(content(S3Upload.PART_BYTES + 1)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("the pipe broke");
              }

              @Override
              public int read(byte[] buffer, int offset, int length) throws IOException {
                return read();
              }
            });

    // Then
    assertThatThrownBy(() -> store.upload("a", broken)).hasMessageContaining("the pipe broke");
    assertThat(s3.requests().getLast().method()).isEqualTo("DELETE");
    assertThat(s3.requests().getLast().target()).contains("uploadId=id");
    assertThat(s3.requests())
        .noneMatch(
            request ->
                request.target().equals("/backups/team/a?uploadId=id")
                    && request.method().equals("POST"));
  }

  @Test
  void failedPartLeavesNothing() {
    // Given
    s3.answer(
        request ->
            request.target().contains("partNumber=2")
                ? Answer.error(507, "InsufficientStorage", "full")
                : multipart(request));

    // Then
    assertThatThrownBy(
            () -> store.upload("a", new ByteArrayInputStream(content(2 * S3Upload.PART_BYTES))))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.problem()).isEqualTo(Problem.STORE_FULL));
    assertThat(s3.requests().getLast().method()).isEqualTo("DELETE");
  }

  @Test
  void beginsAgainWithoutChecksums() throws StoreException {
    // Given
    s3.answer(
        request ->
            request.header(SHA256).isEmpty()
                ? multipart(request)
                : Answer.error(400, "InvalidRequest", "Unknown checksum"));

    // When
    store.upload("a", new ByteArrayInputStream(content(S3Upload.PART_BYTES)));

    // Then
    assertThat(s3.requests())
        .extracting(Request::method)
        .containsExactly("POST", "PUT", "DELETE", "POST", "PUT", "POST");
  }

  @Test
  void brokenDownloadContinues() throws IOException {
    // Given
    byte[] content = content(1000);
    s3.answer(request -> download(content, request, 400));

    // When
    byte[] read;
    try (InputStream stream = store.open("a").orElseThrow()) {
      read = stream.readAllBytes();
    }

    // Then
    assertThat(read).isEqualTo(content);
    assertThat(s3.requests())
        .extracting(request -> request.header("Range"))
        .containsExactly("", "bytes=400-", "bytes=800-");
    assertThat(s3.requests().getLast().header("If-Match")).isEqualTo("\"v1\"");
  }

  @Test
  void downloadThatMakesNoProgressFails() throws IOException {
    // Given
    byte[] content = content(1000);
    s3.answer(request -> download(content, request, request.header("Range").isEmpty() ? 400 : 0));

    // Then
    try (InputStream stream = store.open("a").orElseThrow()) {
      assertThatThrownBy(stream::readAllBytes)
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.problem()).isEqualTo(Problem.UNREACHABLE));
    }
  }

  @Test
  void storeThatIgnoresRangesIsNotTrusted() throws IOException {
    // Given
    byte[] content = content(1000);
    s3.answer(request -> new Answer(200, Map.of("ETag", "\"v1\""), text(content), 400));

    // Then
    try (InputStream stream = store.open("a").orElseThrow()) {
      assertThatThrownBy(stream::readAllBytes).hasMessageContaining("does not read from");
    }
  }

  @Test
  void deletesOldPartsOnly() throws StoreException {
    // Given
    s3.answer(
        request ->
            "GET".equals(request.method())
                ? Answer.of(200, "<R>" + started("old", 1) + started("new", 3) + "</R>")
                : Answer.of(204, ""));

    // When
    store.deleteUnfinished("", Instant.parse("2026-11-02T00:00:00Z"));

    // Then
    assertThat(s3.requests())
        .filteredOn(request -> "DELETE".equals(request.method()))
        .extracting(Request::target)
        .containsExactly("/backups/team/old?uploadId=id-old");
  }

  private static String started(String key, int day) {
    return "<Upload><Key>team/%1$s</Key><UploadId>id-%1$s</UploadId>".formatted(key)
        + "<Initiated>2026-11-%02dT00:00:00.000Z</Initiated></Upload>".formatted(day);
  }

  private static Answer multipart(Request request) {
    if (request.target().endsWith("?uploads")) {
      return Answer.of(200, "<R><UploadId>id</UploadId></R>");
    }
    if ("POST".equals(request.method())) {
      return Answer.of(200, "<R><ETag>complete</ETag></R>");
    }
    return "DELETE".equals(request.method())
        ? Answer.of(204, "")
        : Answer.ok().with("ETag", "\"part\"");
  }

  private static Answer download(byte[] content, Request request, int sent) {
    String range = request.header("Range").replaceAll("\\D", "");
    int start = range.isEmpty() ? 0 : Integer.parseInt(range);
    String rest = text(content).substring(start);
    return new Answer(
        range.isEmpty() ? 200 : 206, Map.of("ETag", "\"v1\""), rest, Math.min(sent, rest.length()));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }

  private static byte[] content(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ((i * 31) >> 3);
    }
    return bytes;
  }
}
