package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Instance;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Objects;

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
      instance.change(spec -> spec.parameter("work_mem", value(round)));
    }

    @Override
    String value(int round) {
      return 5 + round + "MB";
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(Cluster.psql(instance, "SHOW work_mem")).isEqualTo(value(round));
    }
  },
  RESTART(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.change(spec -> spec.parameter("max_connections", value(round)));
    }

    @Override
    String value(int round) {
      return Integer.toString(300 + round);
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(Cluster.psql(instance, "SHOW max_connections")).isEqualTo(value(round));
    }
  },
  ROTATION(1, 0) {
    @Override
    void begin(Instance instance, int round) {
      instance.annotate(REQUEST, "round %d, another than %d".formatted(round, password(instance)));
    }

    @Override
    void check(Instance instance, int round) {
      // A request is no change of the spec: Ready holds before it is seen, as well as after it.
      assertThat(instance.resource().getMetadata().getAnnotations().get(REQUEST))
          .doesNotEndWith(" " + password(instance));
    }

    private static int password(Instance instance) {
      return instance.credentials().get("password").hashCode();
    }
  },
  GROWTH(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      instance.change(spec -> spec.storage(value(round)));
    }

    @Override
    String value(int round) {
      return 512 + 16 * round + "Mi";
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(instance.claim().getStatus().getCapacity().get("storage"))
          .hasToString(value(round));
    }

    @Override
    void after(Instance instance) {
      instance.delete(); // what follows from a size would be another each time
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
  RESUME(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.change(spec -> spec.suspend(false));
    }

    @Override
    void after(Instance instance) {
      instance.change(spec -> spec.suspend(true));
    }
  },
  RETURN(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.delete();
      instance.apply();
    }
  },
  /** In the midst of another flow; claim and Secrets stay. */
  DELETION(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      RELOAD.begin(instance, round);
      instance.delete();
    }

    @Override
    void assertDone(Instance instance, int round) {
      assertThat(instance.find()).isEmpty();
      assertThat(instance.pod()).isNull();
      assertThat(instance.children()).filteredOn(Objects::nonNull).hasSize(3);
      assertThat(instance.claim()).isNotNull();
    }

    @Override
    void after(Instance instance) {
      instance.apply();
    }
  },
  /** The same of an instance with which all goes. */
  REMOVAL(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      DELETION.begin(instance, round);
    }

    @Override
    void assertDone(Instance instance, int round) {
      assertThat(instance.find()).isEmpty();
      assertThat(instance.pod()).isNull();
      assertThat(instance.children()).containsOnlyNulls();
    }

    @Override
    void after(Instance instance) {
      instance.apply();
    }
  };

  private static final String REQUEST = "postgresinstance.dev/rotate-password";

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

  /** What is asked for in that round, as it is written; empty where it is the same each time. */
  String value(int round) {
    return "";
  }

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
}
