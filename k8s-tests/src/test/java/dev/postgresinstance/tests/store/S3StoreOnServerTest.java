package dev.postgresinstance.tests.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postgresinstance.operator.archive.store.ObjectStore;
import dev.postgresinstance.operator.archive.store.ObjectStore.StoredObject;
import dev.postgresinstance.operator.archive.store.S3Config;
import dev.postgresinstance.operator.archive.store.S3Store;
import dev.postgresinstance.operator.archive.store.StoreException;
import dev.postgresinstance.operator.archive.store.StoreException.Problem;
import dev.postgresinstance.tests.support.Authority;
import dev.postgresinstance.tests.support.S3Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's store on a real S3 server, over TLS with an authority of its own. */
class S3StoreOnServerTest {

  private static final int PAGE = 1_000;

  /** More than one part. */
  private static final int LARGE = 40 << 20;

  @TempDir Path folder;
  private S3Bucket bucket;
  private S3Store store;

  @BeforeEach
  void emptyBucket() throws IOException {
    bucket = S3Bucket.create(newName());
    store = store(bucket.name(), bucket.credentials());
  }

  @AfterEach
  void delete() {
    store.close();
    bucket.close();
  }

  private static String newName() {
    return "s3storeonservertest-" + UUID.randomUUID().toString().substring(0, 8);
  }

  /** A store with a prefix, and with the given credentials and authority. */
  private S3Store store(String name, Map<String, String> credentials) throws IOException {
    return store(name, mounted(credentials));
  }

  private S3Store store(String name, Path files) {
    String url = bucket.urlOnNode().toString();
    return new S3Store(
        new S3Config(url, bucket.region(), name, "team/databases", true, ""),
        files,
        Optional.of(files.resolve("ca.crt")));
  }

  /** A folder with the credentials and the authority, as the kubelet mounts a Secret. */
  private Path mounted(Map<String, String> credentials) throws IOException {
    Path files = Files.createTempDirectory(folder, "secret");
    for (Map.Entry<String, String> file : credentials.entrySet()) {
      Files.writeString(files.resolve(file.getKey()), file.getValue());
    }
    return files;
  }

  private Map<String, String> credentialsWith(String key, String value) {
    Map<String, String> changed = new HashMap<>(bucket.credentials());
    changed.put(key, value);
    return changed;
  }

  @Test
  void objectIsWrittenReplacedFoundAndDeleted() throws IOException {
    // When
    store.put("a/status.json", bytes("first"));
    store.put("a/status.json", bytes("second"));

    // Then
    assertThat(store.get("a/status.json")).hasValue(bytes("second"));
    assertThat(store.find("a/status.json").map(StoredObject::size)).hasValue(6L);
    assertThat(bucket.keys("")).containsExactly("team/databases/a/status.json");

    // When
    store.delete(List.of("a/status.json", "a/other.json"));

    // Then
    assertThat(store.get("a/status.json")).isEmpty();
    assertThat(store.open("a/status.json")).isEmpty();
    assertThat(store.find("a/status.json")).isEmpty();
    assertThat(bucket.keys("")).isEmpty();
  }

  @Test
  void moreObjectsThanOnePageAreListedAndDeleted() throws Exception {
    // Given
    List<String> keys = IntStream.range(0, PAGE + 50).mapToObj("wal/%08X.gz"::formatted).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<Void> write : threads.invokeAll(keys.stream().map(this::writing).toList())) {
        write.get();
      }
    }
    store.put("wal.json", bytes("x"));
    store.put("backups/20261128-030000/backup.json", bytes("x"));

    // When, Then
    assertThat(store.list("wal/").stream().map(StoredObject::key)).containsExactlyElementsOf(keys);
    assertThat(store.list("wal/").getFirst().lastModified())
        .isBetween(Instant.now().minusSeconds(600), Instant.now().plusSeconds(60));
    assertThat(store.folders("")).containsExactly("backups", "wal");
    assertThat(store.folders("backups/")).containsExactly("20261128-030000");

    // When
    store.delete(keys);

    // Then
    assertThat(bucket.keys(""))
        .containsExactly(
            "team/databases/backups/20261128-030000/backup.json", "team/databases/wal.json");
  }

  private Callable<Void> writing(String key) {
    return () -> {
      store.put(key, bytes(key));
      return null;
    };
  }

  @Test
  void oneOfTwoWritersClaimsAnObject() throws Exception {
    // Given
    CyclicBarrier start = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 20; round++) {
        String key = "lineage-" + round;

        // When
        List<Future<Boolean>> claims =
            threads.invokeAll(List.of(claim(key, "one", start), claim(key, "two", start)));

        // Then
        boolean first = claims.getFirst().get();
        assertThat(claims.getLast().get()).isNotEqualTo(first);
        assertThat(store.get(key)).hasValue(bytes(first ? "one" : "two"));
      }
    }
  }

  private Callable<Boolean> claim(String key, String owner, CyclicBarrier start) {
    return () -> {
      start.await();
      return store.putIfAbsent(key, bytes(owner));
    };
  }

  @Test
  void largeStreamIsUploadedInLessMemoryThanItsSize() throws IOException {
    // Given
    Path files = mounted(bucket.credentials());

    // When
    String output =
        LargeUpload.inOwnProcess(bucket.urlOnNode().toString(), bucket.name(), files.toString());

    // Then
    assertThat(output).isEqualTo("the same " + LargeUpload.BYTES + " bytes");
    assertThat(bucket.unfinishedUploads()).isEmpty();
  }

  @Test
  void streamThatFailsLeavesNothing() {
    // When, Then
    assertThatThrownBy(() -> store.upload("base.tar.gz", endingWithFailure(LARGE, () -> {})))
        .isInstanceOf(IOException.class)
        .hasStackTraceContaining("the pipe broke");
    assertThat(bucket.keys("")).isEmpty();
    assertThat(bucket.unfinishedUploads()).isEmpty();
  }

  @Test
  void interruptedUploadIsDeletedLater() throws StoreException {
    // Given: the store is away when the upload fails, as after the end of the process
    assertThatThrownBy(
            () -> store.upload("base.tar.gz", endingWithFailure(LARGE, bucket::refuseConnections)))
        .isInstanceOf(IOException.class);
    bucket.restoreConnections();
    assertThat(bucket.unfinishedUploads()).hasSize(1);

    // When
    store.deleteUnfinished("base", Instant.now().minusSeconds(3600));

    // Then
    assertThat(bucket.unfinishedUploads()).hasSize(1);

    // When
    store.deleteUnfinished("base", Instant.now().plusSeconds(60));

    // Then
    assertThat(bucket.unfinishedUploads()).isEmpty();
    assertThat(bucket.keys("")).isEmpty();
  }

  /** A stream that runs an action after its content, and then fails. */
  private static InputStream endingWithFailure(int length, Runnable before) {
    return new SequenceInputStream(
        new LargeUpload.Content(length),
        new InputStream() {
          @Override
          public int read() throws IOException {
            before.run();
            throw new IOException("the pipe broke");
          }

          @Override
          public int read(byte[] buffer, int offset, int count) throws IOException {
            return read();
          }
        });
  }

  @Test
  void wrongSecretIsReported() throws IOException {
    // Given
    try (ObjectStore other = store(bucket.name(), credentialsWith("secretAccessKey", "wrong"))) {

      // When, Then
      assertProblem(Problem.ACCESS_DENIED, () -> other.put("a", bytes("x")));
      assertProblem(Problem.ACCESS_DENIED, () -> other.list(""));
      assertProblem(Problem.ACCESS_DENIED, () -> other.find("a"));
    }
  }

  @Test
  void unknownAccessKeyIsReported() throws IOException {
    // Given
    try (ObjectStore other = store(bucket.name(), credentialsWith("accessKeyId", "nobody"))) {

      // When, Then
      assertProblem(Problem.ACCESS_DENIED, () -> other.get("a"));
    }
  }

  @Test
  void missingBucketIsReported() throws IOException {
    // Given
    try (ObjectStore other = store(newName(), bucket.credentials())) {

      // When, Then
      assertProblem(Problem.BUCKET_MISSING, () -> other.put("a", bytes("x")));
      assertProblem(Problem.BUCKET_MISSING, () -> other.putIfAbsent("a", bytes("x")));
      assertProblem(Problem.BUCKET_MISSING, () -> other.get("a"));
      assertProblem(Problem.BUCKET_MISSING, () -> other.list(""));
    }
  }

  @Test
  void unreachableServerIsReportedUntilItReturns() throws StoreException {
    // Given
    store.put("a", bytes("x"));

    // When
    bucket.refuseConnections();

    // Then
    assertProblem(Problem.UNREACHABLE, () -> store.put("b", bytes("x")));
    assertProblem(Problem.UNREACHABLE, () -> store.get("a"));

    // When
    bucket.restoreConnections();

    // Then
    store.put("b", bytes("y"));
    assertThat(store.get("b")).hasValue(bytes("y"));
  }

  @Test
  void silentServerIsReportedUntilItReturns() throws StoreException {
    // Given
    bucket.dropPackets();

    // When, Then
    assertProblem(Problem.UNREACHABLE, () -> store.put("a", bytes("x")));

    // When
    bucket.restoreConnections();

    // Then
    store.put("a", bytes("x"));
    assertThat(bucket.keys("")).containsExactly("team/databases/a");
  }

  @Test
  void certificateOfUnknownAuthorityIsReported() throws IOException {
    // Given
    String unknown = new Authority("s3").issue(List.of("s3")).get("ca.crt");
    try (ObjectStore other = store(bucket.name(), credentialsWith("ca.crt", unknown))) {

      // When, Then
      assertProblem(Problem.CERTIFICATE_INVALID, () -> other.put("a", bytes("x")));
    }
  }

  @Test
  void rotatedCredentialsAreUsedAtOnce() throws IOException {
    // Given
    Path files = mounted(credentialsWith("secretAccessKey", "old"));
    try (ObjectStore other = store(bucket.name(), files)) {
      assertProblem(Problem.ACCESS_DENIED, () -> other.put("a", bytes("x")));

      // When
      Files.writeString(
          files.resolve("secretAccessKey"), bucket.credentials().get("secretAccessKey"));

      // Then
      other.put("a", bytes("x"));
    }
    assertThat(bucket.keys("")).containsExactly("team/databases/a");
  }

  @Test
  void versionsStayWhereTheBucketKeepsThem() throws StoreException {
    // Given
    bucket.enableVersioning();

    // When
    store.put("a", bytes("first"));
    store.put("a", bytes("second"));
    store.delete(List.of("a"));

    // Then
    assertThat(store.get("a")).isEmpty();
    assertThat(store.list("")).isEmpty();
    assertThat(bucket.versions("team/databases/a")).hasSize(2);

    // When, Then
    assertThat(store.putIfAbsent("b", bytes("first"))).isTrue();
    assertThat(store.putIfAbsent("b", bytes("second"))).isFalse();
  }

  @Test
  void lockedBucketAcceptsEverything() throws IOException {
    // Given
    try (S3Bucket locked = S3Bucket.createLocked(newName());
        ObjectStore other = store(locked.name(), bucket.credentials())) {

      // When
      other.put("a", bytes("first"));
      other.put("a", bytes("second"));
      assertThat(other.putIfAbsent("claim", bytes("x"))).isTrue();
      assertThat(other.putIfAbsent("claim", bytes("y"))).isFalse();
      other.upload("base.tar.gz", new LargeUpload.Content(LARGE));
      other.delete(List.of("a"));

      // Then
      assertThat(other.get("a")).isEmpty();
      assertThat(other.find("base.tar.gz").map(StoredObject::size)).hasValue((long) LARGE);
      List<String> versions = locked.versions("team/databases/a");
      assertThat(versions).hasSize(2);
      assertThatThrownBy(() -> locked.deleteVersion("team/databases/a", versions.getLast()))
          .hasMessageContaining("object lock");
    }
  }

  private static void assertProblem(Problem problem, ThrowingCallable request) {
    assertThatThrownBy(request)
        .isInstanceOfSatisfying(
            StoreException.class,
            failure -> assertThat(failure.problem()).as(failure.getMessage()).isEqualTo(problem));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
