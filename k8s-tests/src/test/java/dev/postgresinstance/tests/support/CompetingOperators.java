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

/** Operator processes that compete for the same lease. */
public final class CompetingOperators implements AutoCloseable {

  private static final AtomicInteger LEASES = new AtomicInteger();

  private final Instant begin = Instant.now();
  private final String lease = "operators-" + LEASES.incrementAndGet(); // no holder yet
  private final String namespace;
  private final List<OperatorProcess> all = new ArrayList<>();

  /** Starts no operator yet; the lease is in the given namespace. */
  public CompetingOperators(String namespace) {
    this.namespace = namespace;
  }

  /** Starts another operator, with a unique name. */
  public OperatorProcess start() {
    return start(TestCluster.config().getMasterUrl());
  }

  /** Starts another operator that reaches the API server only through the given proxy. */
  public OperatorProcess start(Toxiproxy proxy) {
    return start(proxy.url());
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

  /** Waits until all operators that have been started serve or wait for the lease. */
  public void waitUntilUp() {
    all.forEach(
        operator ->
            Eventually.that(
                operator.name() + " is up",
                () -> {
                  assertThat(operator.isAlive()).isTrue();
                  assertThat(operator.log()).contains("Serving ");
                }));
  }

  /** The identity of the lease holder, if any. */
  public Optional<String> leader() {
    Lease found = TestCluster.client().leases().inNamespace(namespace).withName(lease).get();
    return Optional.ofNullable(found)
        .flatMap(l -> Optional.ofNullable(l.getSpec().getHolderIdentity()))
        .filter(holder -> !holder.isEmpty());
  }

  /** How long after its last renewal another operator can acquire the lease, in seconds. */
  public int leaseDuration() {
    return TestCluster.client()
        .leases()
        .inNamespace(namespace)
        .withName(lease)
        .get()
        .getSpec()
        .getLeaseDurationSeconds();
  }

  /** Waits until the given operator holds the lease. */
  public void waitForLeader(OperatorProcess operator) {
    Eventually.that(
        operator.name() + " leads", () -> assertThat(leader()).contains(operator.name()));
  }

  /** Fails if an operator wrote anything while another one held the lease. */
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
