package dev.postgresinstance.tests.bench;

import dev.postgresinstance.tests.support.Settings;
import dev.postgresinstance.tests.support.TestCluster;
import java.lang.management.ManagementFactory;

/** Describes the measured software and the machine. */
final class Machine {

  private Machine() {}

  static String describe() {
    var system = ManagementFactory.getOperatingSystemMXBean();
    var node = TestCluster.client().nodes().list().getItems().getFirst().getStatus();
    return """
        machine:    %d processors, %s of memory, %s %s, load average %.1f
        cluster:    Kubernetes %s, %s
        PostgreSQL: %s
        operator:   %s"""
        .formatted(
            system.getAvailableProcessors(),
            node.getCapacity().get("memory"),
            system.getName(),
            system.getVersion(),
            system.getSystemLoadAverage(),
            node.getNodeInfo().getKubeletVersion(),
            node.getNodeInfo().getContainerRuntimeVersion(),
            Contender.image(),
            Settings.operatorImage().orElse("image of the chart"));
  }
}
