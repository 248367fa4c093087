package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.BackupStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket of a test on the S3 server of the test cluster. It has a Service of its own, so that a
 * test can make it unreachable for its users while other tests go on.
 */
public final class S3Bucket implements AutoCloseable {

  /** Matches a connection by the address that the client knows, forwarded or not. */
  private static final String CONNECTION =
      " -m conntrack --ctorigdst {host} --ctorigdstport {port}";

  private static final String PREFIX = "team-a";

  private final S3Client s3 = S3Server.client();
  private final String name;
  private final Service service;

  /** What cuts the connections on the node, or restores them; empty while they are not cut. */
  private List<String> cutting = List.of();

  private S3Bucket(String name, boolean locked) {
    this.name = name;
    s3.createBucket(request -> request.bucket(name).objectLockEnabledForBucket(locked));
    this.service = TestCluster.client().resource(service(name)).create();
    URI url = urlOnNode();
    Eventually.that(url + " is reachable", () -> new Socket(url.getHost(), url.getPort()).close());
  }

  /** Creates a bucket. */
  public static S3Bucket create(String name) {
    return new S3Bucket(name, false);
  }

  /** Creates a bucket with versions, none of which anybody can delete during the next day. */
  public static S3Bucket createLocked(String name) {
    S3Bucket bucket = new S3Bucket(name, true);
    bucket.s3.putObjectLockConfiguration(
        request ->
            request
                .bucket(name)
                .objectLockConfiguration(
                    lock ->
                        lock.objectLockEnabled("Enabled")
                            .rule(
                                rule ->
                                    rule.defaultRetention(
                                        retention ->
                                            retention
                                                .mode(ObjectLockRetentionMode.COMPLIANCE)
                                                .days(1)))));
    return bucket;
  }

  private static Service service(String name) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace(S3Server.NAME)
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withType("NodePort")
        .addToSelector("app", S3Server.NAME)
        .addNewPort()
        .withName("https")
        .withPort(S3Server.PORT)
        .endPort()
        .endSpec()
        .build();
  }

  /** The name of the bucket. */
  public String name() {
    return name;
  }

  /** The URL of the server for pods; the requests need the path style. */
  public String url() {
    return "https://%s.%s.svc:%d".formatted(name, S3Server.NAME, S3Server.PORT);
  }

  /** The URL of the server for programs on this machine. */
  public URI urlOnNode() {
    return S3Server.urlOnNode(service);
  }

  /** The region of the server. */
  public String region() {
    return "us-east-1";
  }

  /** What a client needs: accessKeyId, secretAccessKey, and ca.crt with the authority. */
  public Map<String, String> credentials() {
    Map<String, String> secret = S3Server.secret();
    return Map.of(
        "accessKeyId", secret.get("accessKeyId"),
        "secretAccessKey", secret.get("secretAccessKey"),
        "ca.crt", secret.get("ca.crt"));
  }

  /** Creates a Secret with the {@link #credentials}. */
  public Secret createSecret(String namespace, String secretName) {
    return TestCluster.client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(secretName)
                .endMetadata()
                .withStringData(credentials())
                .build())
        .create();
  }

  /**
   * The store as in {@code spec.backup.store}, with the prefix {@code team-a}.
   *
   * @param secret name of the Secret with the {@link #credentials}
   */
  public Map<String, Object> store(String secret) {
    return Map.of(
        "s3",
        Map.of(
            "endpoint",
            url(),
            "bucket",
            name,
            "prefix",
            PREFIX,
            "pathStyle",
            true,
            "credentialsSecretRef",
            Map.of("name", secret),
            "caSecretRef",
            Map.of("name", secret)));
  }

  /** The archive of an instance as in {@code spec.source.archive}. */
  public Map<String, Object> archive(Instance instance, String secret) {
    return Map.of("store", store(secret), "instanceId", archiveOf(instance).instanceId());
  }

  private static BackupStatus archiveOf(Instance instance) {
    return instance.resource().getStatus().backup();
  }

  /** Waits until the write-ahead log of an instance is in the bucket up to a position. */
  public void hasReached(Instance instance, String lsn) {
    String key = folder(instance) + "progress.json";
    Eventually.that(
        "the archive of %s has reached %s".formatted(instance.name(), lsn),
        () -> {
          String progress = new String(read(key), StandardCharsets.UTF_8);
          String reached = progress.replaceAll("(?s).*\"lsn\" *: *\"([^\"]*)\".*", "$1");
          assertThat(position(reached)).isGreaterThanOrEqualTo(position(lsn));
        });
  }

  private static long position(String lsn) {
    String[] halves = lsn.split("/", -1);
    return (Long.parseLong(halves[0], 16) << 32) + Long.parseLong(halves[1], 16);
  }

  /** The complete segments in the archive of an instance, by their keys. */
  public List<String> segments(Instance instance) {
    return keys(folder(instance) + "wal/").stream()
        .filter(key -> key.matches(".*/[0-9A-F]{24}[.]gz"))
        .toList();
  }

  /** The names of the complete base backups in the archive of an instance, in any bucket. */
  public static List<String> backupsOf(Instance instance) {
    String bucket = instance.resource().getSpec().backup().store().s3().bucket();
    return backups(keys(S3Server.client(), bucket, folder(instance) + "backups/"));
  }

  /** The names of the complete base backups in the archive of an instance. */
  public List<String> backups(Instance instance) {
    return backups(keys(folder(instance) + "backups/"));
  }

  private static List<String> backups(List<String> keys) {
    return keys.stream()
        .filter(key -> key.endsWith("/backup.json"))
        .map(key -> key.replaceAll(".*/backups/|/backup[.]json", ""))
        .toList();
  }

  /**
   * Changes the day of a base backup in its record, as if it had been made then.
   *
   * @param day in ISO 8601
   */
  public void backdate(Instance instance, String backup, String day) {
    String key = folder(instance) + "backups/" + backup + "/backup.json";
    String record = new String(read(key), StandardCharsets.UTF_8);
    String dated = record.replaceAll("(ed_?[aA]t\" *: *\")[-0-9]{10}T", "$1" + day + "T");
    assertThat(dated).contains(day);
    write(key, dated.getBytes(StandardCharsets.UTF_8));
  }

  private static String folder(Instance instance) {
    return "%s/%s/%s/"
        .formatted(PREFIX, archiveOf(instance).instanceId(), archiveOf(instance).lineage());
  }

  /** The keys that begin with a prefix, in their order. */
  public List<String> keys(String prefix) {
    return keys(s3, name, prefix);
  }

  private static List<String> keys(S3Client s3, String bucket, String prefix) {
    return s3
        .listObjectsV2Paginator(request -> request.bucket(bucket).prefix(prefix))
        .contents()
        .stream()
        .map(S3Object::key)
        .toList();
  }

  /** The keys of uploads in parts that are neither complete nor aborted. */
  public List<String> unfinishedUploads() {
    return s3.listMultipartUploadsPaginator(request -> request.bucket(name)).uploads().stream()
        .map(MultipartUpload::key)
        .toList();
  }

  /** The content of an object. */
  public byte[] read(String key) {
    return s3.getObjectAsBytes(request -> request.bucket(name).key(key)).asByteArray();
  }

  /** Writes an object, as another program does. */
  public void write(String key, byte[] content) {
    s3.putObject(request -> request.bucket(name).key(key), RequestBody.fromBytes(content));
  }

  /** Changes one byte in the middle of an object. */
  public void corrupt(String key) {
    byte[] content = read(key);
    content[content.length / 2] ^= 1;
    write(key, content);
  }

  /** Deletes an object. */
  public void delete(String key) {
    s3.deleteObject(request -> request.bucket(name).key(key));
  }

  /** Keeps the versions that are replaced or deleted from now on. */
  public void enableVersioning() {
    s3.putBucketVersioning(
        request ->
            request
                .bucket(name)
                .versioningConfiguration(
                    configuration -> configuration.status(BucketVersioningStatus.ENABLED)));
  }

  /** The identifiers of all versions of an object, the newest first. */
  public List<String> versions(String key) {
    return s3
        .listObjectVersionsPaginator(request -> request.bucket(name).prefix(key))
        .versions()
        .stream()
        .filter(version -> version.key().equals(key))
        .map(ObjectVersion::versionId)
        .toList();
  }

  /** Deletes a version of an object for ever; fails while it is locked. */
  public void deleteVersion(String key, String version) {
    s3.deleteObject(request -> request.bucket(name).key(key).versionId(version));
  }

  /**
   * Resets all connections through the Service of this bucket, and refuses new ones. The node also
   * stops forwarding them: a pod on the same bridge as the server ignores the reset of a forwarded
   * connection, because it comes from the address of the server's pod.
   */
  public void refuseConnections() {
    cut(
        "iptables -t nat %s PREROUTING -p tcp -d {host} --dport {port} -j ACCEPT",
        "iptables %s FORWARD -p tcp" + CONNECTION + " -j REJECT --reject-with tcp-reset",
        "conntrack -D -p tcp --orig-dst {host} --orig-port-dst {port} || true");
  }

  /** Drops all packets of the connections through the Service of this bucket. */
  public void dropPackets() {
    cut(
        "iptables %s FORWARD -p tcp -m conntrack --ctorigdst {host} --ctorigdstport {port} -j DROP");
  }

  private void cut(String... commands) {
    restoreConnections();
    cutting =
        addresses().entrySet().stream()
            .flatMap(
                address ->
                    Stream.of(commands)
                        .map(command -> command.replace("{host}", address.getKey()))
                        .map(command -> command.replace("{port}", address.getValue().toString())))
            .toList();
    run("-I");
  }

  /** Ends {@link #refuseConnections} or {@link #dropPackets}. */
  public void restoreConnections() {
    if (!cutting.isEmpty()) {
      run("-D");
      cutting = List.of();
    }
  }

  private void run(String change) {
    Node.run(
        cutting.stream()
            .map(command -> command.formatted(change))
            .collect(Collectors.joining("\n")));
  }

  /** The addresses of the Service, for pods and for this machine. */
  private Map<String, Integer> addresses() {
    return Map.of(
        service.getSpec().getClusterIP(),
        S3Server.PORT,
        S3Server.nodeAddress(),
        urlOnNode().getPort());
  }

  /** Deletes the bucket with all that is in it, locked or not. */
  @Override
  public void close() {
    restoreConnections();
    Cluster.delete(service);
    S3Server.run("rm -rf '/objects/%1$s' '/versions/%1$s'".formatted(name));
  }
}
