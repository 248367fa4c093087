package dev.postgresinstance.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Operators that want the same lease. */
public final class Rivals implements AutoCloseable {

  private static final AtomicInteger LEASES = new AtomicInteger();

  private final Instant begin = Instant.now();
  private final String lease = "operators-" + LEASES.incrementAndGet(); // held by nobody yet
  private final String namespace;
  private final List<OperatorProcess> all = new ArrayList<>();

  /** None yet; their lease is in that namespace. */
  public Rivals(String namespace) {
    this.namespace = namespace;
  }

  /** One more; its name is like no other's. */
  public OperatorProcess start() {
    return start(TestCluster.config().getMasterUrl());
  }

  /** One more, which reaches the API server by that way alone. */
  public OperatorProcess start(Toxiproxy way) {
    return start(way.url());
  }

  private OperatorProcess start(String server) {
    String name = "%s-%s-%d".formatted(namespace, lease, all.size());
    OperatorProcess process =
        OperatorProcess.start(
            name,
            "dev.postgresinstance.operator.Main",
            server,
            Map.of("LEASE", namespace + "/" + lease));
    all.add(process);
    return process;
  }

  /** Waits until it serves, or waits for the lease. */
  public void areUp() {
    all.stream()
        .filter(OperatorProcess::isAlive)
        .forEach(
            rival ->
                Eventually.that(
                    rival.name() + " is up", () -> assertThat(rival.log()).contains("serving ")));
  }

  /** The one that holds the lease. */
  public Optional<String> leader() {
    Lease found = TestCluster.client().leases().inNamespace(namespace).withName(lease).get();
    return Optional.ofNullable(found)
        .flatMap(l -> Optional.ofNullable(l.getSpec().getHolderIdentity()))
        .filter(holder -> !holder.isEmpty());
  }

  /** Waits until that one leads. */
  public void waitForLeader(OperatorProcess rival) {
    Eventually.that(rival.name() + " leads", () -> assertThat(leader()).contains(rival.name()));
  }

  /** Nobody has ever written anything while another one held the lease. */
  public void assertOneWriterAtATime() {
    Set<String> names = all.stream().map(OperatorProcess::name).collect(Collectors.toSet());
    String holder = "";
    int writes = 0;
    for (AuditLog.Request write : writes(names)) {
      if (write.resource().equals("leases")) {
        holder = write.code() < 300 ? write.agent() : holder;
      } else {
        assertThat(write.agent()).as("who wrote %s", write).isEqualTo(holder);
        writes++;
      }
    }
    assertThat(writes).as("writes by " + names).isPositive();
  }

  private List<AuditLog.Request> writes(Set<String> names) {
    return AuditLog.writesSince(begin).stream()
        .filter(write -> names.contains(write.agent()))
        .filter(write -> !write.resource().startsWith("selfsubject"))
        .sorted(Comparator.comparing(AuditLog.Request::at))
        .toList();
  }

  @Override
  public void close() {
    all.forEach(OperatorProcess::close);
  }
}
