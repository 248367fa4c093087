package dev.postgresinstance.tests.churn;

import dev.postgresinstance.api.v1alpha1.Reason;
import dev.postgresinstance.tests.support.Eventually;
import dev.postgresinstance.tests.support.Instance;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The edits of the churn: changes by users and failures in the cluster. */
@SuppressWarnings("ImmutableEnumChecker") // the lambdas capture nothing
enum Edit {
  SAME_SPEC(tenant -> tenant.change("nothing", spec -> {})),
  WORK_MEM(tenant -> tenant.parameter("work_mem", tenant.number(2, 9) + "MB", false)),
  LOG_MIN_DURATION(
      tenant ->
          tenant.parameter("log_min_duration_statement", tenant.number(1, 9) + "00ms", false)),
  MAX_CONNECTIONS(tenant -> tenant.parameter("max_connections", "" + tenant.number(20, 60), true)),
  REQUESTS(
      tenant -> {
        String memory = tenant.number(64, 80) + "Mi";
        tenant.restarting("requests", memory, spec -> spec.requests("10m", memory));
      }),
  MEMORY_LIMIT(
      tenant -> {
        String memory = tenant.number(256, 320) + "Mi";
        tenant.restarting("limit", memory, spec -> spec.memoryLimit(memory));
      }),
  POD_LABELS(
      tenant -> {
        String value = "" + tenant.number(1, 5);
        tenant.restarting("label", value, spec -> spec.pod("labels", Map.of("team", value)));
      }),
  POD_ANNOTATIONS(
      tenant -> {
        String value = "" + tenant.number(1, 5);
        tenant.restarting("note", value, spec -> spec.pod("annotations", Map.of("note", value)));
      }),
  RESTART(
      tenant -> {
        String token = "" + tenant.number(1, 1_000_000);
        tenant.starts().allow("the restart annotation is set");
        tenant.expectRestart(token);
        tenant.change("restart=" + token, spec -> spec.annotation("restart", token));
      }),
  RESTART_POLICY(Tenant::changeRestartPolicy),
  SERVICE_ANNOTATIONS(
      tenant -> {
        String value = "" + tenant.number(1, 5);
        tenant.change(
            "service annotation " + value,
            spec -> spec.service("annotations", Map.of("note", value)));
        tenant.expect(
            "annotation of the Service",
            instance ->
                value.equals(instance.service().getMetadata().getAnnotations().get("note")));
      }),
  CLUSTER_IP(
      tenant -> {
        tenant.change("ClusterIP", spec -> spec.serviceType("ClusterIP"));
        tenant.later(() -> tenant.change("NodePort", spec -> spec.serviceType("NodePort")));
      },
      tenant -> tenant.operatorIsInCluster()),
  LOAD_BALANCER(
      tenant -> {
        tenant.change("LoadBalancer", spec -> spec.serviceType("LoadBalancer"));
        tenant.later(() -> tenant.change("NodePort", spec -> spec.serviceType("NodePort")));
      }),
  DELETION_POLICY(
      tenant -> {
        String policy = tenant.number(0, 1) == 0 ? "Retain" : "Delete";
        tenant.change(policy, spec -> spec.deletionPolicy(policy));
      }),
  STORAGE(
      // No default StorageClass of the test cluster supports expansion: only the status reports it.
      tenant -> {
        String size = tenant.largerSize();
        tenant.change("size " + size, spec -> spec.storage(size));
      }),
  REFUSED_PARAMETER(
      tenant -> {
        tenant.change("enable_sort=perhaps", spec -> spec.parameter("enable_sort", "perhaps"));
        tenant.later(
            () -> tenant.change("enable_sort=on", spec -> spec.parameter("enable_sort", "on")));
      }),
  REFUSED_AT_START(
      tenant -> {
        tenant.starts().allow("the server refuses to start with a missing library");
        tenant.starts().allow("the operator falls back to the previous configuration");
        tenant.change(
            "shared_preload_libraries=nope",
            spec -> spec.parameter("shared_preload_libraries", "nope"));
        Eventually.instance(tenant.instance()).isNotReady(Reason.PARAMETER_REFUSED);
        tenant.starts().allow("another library is set, or a delayed change takes effect");
        tenant.change(
            "shared_preload_libraries=auto_explain",
            spec -> spec.parameter("shared_preload_libraries", "auto_explain"));
      },
      tenant -> tenant.hasNoPendingUndo() && !tenant.hasManualRestartPolicy()),
  SUSPEND(
      tenant -> {
        tenant.suspend(true);
        tenant.later(() -> tenant.suspend(false));
      }),
  PAUSE(
      tenant -> {
        tenant.pause(true);
        tenant.later(() -> tenant.pause(false));
      }),
  PASSWORD(Tenant::changePassword),
  KILL_POD(
      tenant -> {
        tenant.starts().allow("the pod is deleted");
        tenant.delete(Instance::pod);
      }),
  CRASH(Tenant::crash, Tenant::hasNoPendingUndo),
  SCALE_TO_ZERO(Tenant::scaleToZero, Tenant::hasNoPendingUndo),
  DELETE_STATEFUL_SET(
      tenant -> {
        tenant.starts().allow("the StatefulSet is deleted");
        tenant.delete(Instance::statefulSet);
      }),
  DELETE_SERVICE(tenant -> tenant.delete(Instance::service)),
  DELETE_CONFIG_MAP(
      tenant -> {
        tenant.delete(Instance::configMap);
        // The ConfigMap holds the configuration of the last start: wait until it is back before the
        // next change.
        Eventually.nonNull("another ConfigMap", tenant.instance()::configMap);
      },
      Tenant::hasNoPendingUndo),
  DELETE_APP_SECRET(
      tenant -> {
        tenant.delete(Instance::appSecret);
        tenant.forgetPassword();
      }),
  DELETE_OPERATOR_SECRET(
      tenant -> {
        tenant.delete(Instance::operatorSecret);
        Eventually.nonNull("another Secret of the operator", tenant.instance()::operatorSecret);
        // The next start sets the operator's new password.
        RESTART.apply(tenant);
      },
      Tenant::hasNoPendingUndo),
  DELETE_AND_RECREATE(Tenant::deleteAndRecreate, tenant -> !tenant.isPaused());

  private final Consumer<Tenant> action;
  private final Predicate<Tenant> condition;

  Edit(Consumer<Tenant> action) {
    this(action, tenant -> true);
  }

  Edit(Consumer<Tenant> action, Predicate<Tenant> condition) {
    this.action = action;
    this.condition = condition;
  }

  boolean isPossible(Tenant tenant) {
    return condition.test(tenant);
  }

  void apply(Tenant tenant) {
    action.accept(tenant);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
