package dev.postgresinstance.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.api.v1alpha1.PostgresInstanceStatus;
import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Backup;
import dev.postgresinstance.tests.support.Client;
import dev.postgresinstance.tests.support.Cluster;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Instance;
import dev.postgresinstance.tests.support.S3Bucket;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Objects;

/** A change that a user requests, and the check that it is done. A flow can be repeated. */
enum Flow {
  CREATE(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.apply();
    }

    @Override
    void after(Instance instance) {
      instance.delete(); // the next round uses a new instance
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
      // The request does not change the spec: Ready is True before and after the operator has
      // observed it.
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
      instance.delete(); // the effects of a size would differ between rounds
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
  /** A base backup that a person requests. */
  BACKUP(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      Backup.create(instance.namespace(), name(instance, round), instance.name());
    }

    @Override
    String value(int round) {
      return "round-" + round;
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(Backup.of(instance, name(instance, round)).reason())
          .contains(Reason.BACKUP_COMPLETED.word());
      assertThat(instance.resource().getStatus().backup().lastBackup())
          .isEqualTo(name(instance, round));
      assertThat(S3Bucket.backupsOf(instance)).hasSize(1 + round); // one is of the creation
    }

    private String name(Instance instance, int round) {
      return instance.name() + "-" + value(round);
    }

    @Override
    int waits() {
      return 1; // for the Job
    }
  },
  /** A base backup goes with its resource. */
  BACKUP_DELETION(0, 0) {
    @Override
    void begin(Instance instance, int round) {
      Backup.of(instance, name(instance)).delete();
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(instance.resource().getStatus().backup().deleteWithResource())
          .satisfiesAnyOf(
              backups -> assertThat(backups).isNull(), backups -> assertThat(backups).isEmpty());
      assertThat(S3Bucket.backupsOf(instance)).hasSize(1); // that of the creation
    }

    // Makes another backup, which the next round deletes.
    @Override
    void after(Instance instance) {
      Backup.completeToDelete(instance, name(instance));
      Eventually.that(
          "the status records the backup",
          () ->
              assertThat(instance.resource().getStatus().backup().deleteWithResource()).hasSize(1));
    }

    private String name(Instance instance) {
      return instance.name() + "-unwanted";
    }

    @Override
    int waits() {
      return 1; // for the Job
    }
  },
  /** Creation from the archive of another instance. */
  RESTORE(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      instance.apply();
    }

    @Override
    void check(Instance instance, int round) {
      assertThat(Cluster.psql(instance, "SELECT n FROM restored")).isEqualTo("1");
    }

    @Override
    void after(Instance instance) {
      instance.delete(); // the next round uses a new instance
    }

    @Override
    int waits() {
      return 2; // for the Job, and for the server
    }
  },
  /** The data goes back to a base backup, onto another claim. */
  RESTORE_IN_PLACE(0, 1) {
    @Override
    void begin(Instance instance, int round) {
      PostgresInstanceStatus status = instance.resource().getStatus();
      instance.annotate(
          RESTORE_TO,
          "backup/%s@%s".formatted(status.backup().lastBackup(), status.storage().claimUid()));
    }

    @Override
    void check(Instance instance, int round) {
      PostgresInstance resource = instance.resource();
      assertThat(resource.getStatus().storage().restoredTo())
          .isEqualTo(resource.getMetadata().getAnnotations().get(RESTORE_TO));
      assertThat(resource.condition(ConditionType.RESTORED_IN_PLACE).map(Condition::getReason))
          .contains(Reason.RESTORE_COMPLETED.word());
      assertThat(resource.condition(ConditionType.BACKUP_READY).map(Condition::getReason))
          .contains(Reason.ARCHIVING.word());
      assertThat(Cluster.psql(instance, "SELECT n FROM restored")).isEqualTo("1");
    }

    @Override
    void after(Instance instance) {
      instance.delete(); // the next round uses a new instance
    }

    @Override
    int claims() {
      return 1;
    }

    @Override
    int waits() {
      return 5; // for two Jobs, the server, its last upload, and the next archive
    }
  },
  /** Deletion during another flow; claim and Secrets are retained. */
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
      assertThat(instance.children()).filteredOn(Objects::nonNull).hasSize(4);
      assertThat(instance.claim()).isNotNull();
    }

    @Override
    void after(Instance instance) {
      instance.apply();
    }
  },
  /** Deletion of an instance with deletion policy Delete. */
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
  private static final String RESTORE_TO = "postgresinstance.dev/restore-to";

  private final int passwords;
  private final int pods;

  /**
   * A flow.
   *
   * @param passwords maximum number of new passwords
   * @param pods maximum number of new pods
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

  /** Number of new claims of an instance that has one. */
  int claims() {
    return 0;
  }

  /** For how many Jobs, starts of a server and uploads the operator waits. */
  int waits() {
    return pods;
  }

  /** Requests the change. */
  abstract void begin(Instance instance, int round);

  /** The requested value of the round as text; empty if it is the same in all rounds. */
  String value(int round) {
    return "";
  }

  /** Fails while the change is not done; called in addition to the checks common to all flows. */
  void check(Instance instance, int round) {}

  /** Prepares the instance for the next round. */
  void after(Instance instance) {}

  /** Fails while the flow is not done. */
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
