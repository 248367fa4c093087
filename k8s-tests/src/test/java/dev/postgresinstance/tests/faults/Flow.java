package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Condition;

/**
 * What a person asks of an instance, and how one sees that it was done. It can be asked for again
 * and again.
 */
enum Flow {
  CREATE(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.apply();
    }

    @Override
    void after(Instance instance) {
      instance.delete(); // the next round has another one
    }
  },
  RELOAD(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      instance.change(spec -> spec.parameter("work_mem", megabytes(round)));
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(Cluster.psql(instance, "SHOW work_mem")).isEqualTo(megabytes(round));
    }
  },
  RESTART(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.change(spec -> spec.parameter("max_connections", connections(round)));
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(Cluster.psql(instance, "SHOW max_connections")).isEqualTo(connections(round));
    }
  },
  ROTATION(1, 0) {
    @Override
    void begin(Instance instance, int round) {
      instance.annotate("postgresinstance.dev/rotate-password", "round " + round);
    }
  },
  GROWTH(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      instance.change(spec -> spec.storage(size(round)));
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(instance.claim().getStatus().getCapacity().get("storage"))
          .hasToString(size(round));
    }
  },
  PORT(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      int port = Cluster.freeNodePort();
      instance.change(spec -> spec.nodePort(port));
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(instance.service().getSpec().getPorts().getFirst().getNodePort())
          .isEqualTo(instance.resource().getSpec().service().nodePort());
    }
  },
  SUSPEND(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      instance.change(spec -> spec.suspend(true));
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(instance.pod()).isNull();
    }

    @Override
    void after(Instance instance) {
      instance.change(spec -> spec.suspend(false));
    }
  },
  RETURN(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.delete();
      instance.apply();
    }
  };

  private final int passwords;
  private final int pods;

  /**
   * A flow.
   *
   * @param passwords how many new ones there may be
   * @param pods how many new ones there may be
   */
  Flow(int passwords, int pods) {
    this.passwords = passwords;
    this.pods = pods;
  }

  int passwords() {
    return passwords;
  }

  int pods() {
    return pods;
  }

  /** Asks for it. */
  abstract void begin(Instance instance, int round);

  /** Fails while it is not done, beside what holds for each flow. */
  void check(Instance instance, int round) {}

  /** Makes it possible to ask for it once more. */
  void after(Instance instance) {}

  /** Fails while it is not done. */
  void assertDone(Instance instance, int round) throws Exception {
    PostgresInstance resource = instance.resource();
    Condition ready = instance.ready().orElseThrow();
    assertThat(ready.getStatus()).as(ready.toString()).isEqualTo("True");
    assertThat(ready.getObservedGeneration()).isEqualTo(resource.getMetadata().getGeneration());
    check(instance, round);
    if (this != SUSPEND) {
      Client.connect(instance).close();
    }
  }

  private static String megabytes(int round) {
    return 5 + round + "MB";
  }

  private static String connections(int round) {
    return Integer.toString(40 + round);
  }

  private static String size(int round) {
    return 512 + 16 * round + "Mi";
  }
}
