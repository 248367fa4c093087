package dev.postgresinstance.operator.kubernetes.cache;

import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.instance.Labels;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DefaultContext;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.Controller;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.util.List;

/** The objects of the framework without a started operator: they send no requests. */
public final class JosdkWithoutOperator implements Reconciler<PostgresInstance> {

  private final Context<PostgresInstance> context;
  private final KubernetesClient client;
  private Informers informers;

  public JosdkWithoutOperator(KubernetesClient client) {
    this.client = client;
    Operator operator =
        new Operator(
            (ConfigurationServiceOverrider overrider) -> {
              overrider.withKubernetesClient(client);
              overrider.withCloseClientOnStop(false);
              // The default ends the process.
              overrider.withInformerStoppedHandler((informer, e) -> {});
            });
    var controller =
        (Controller<PostgresInstance>)
            operator.register(
                this,
                (ControllerConfigurationOverrider<PostgresInstance> overrider) ->
                    overrider.withFieldManager(Labels.MANAGER));
    this.context = new DefaultContext<>(null, controller, new PostgresInstance(), false, false);
  }

  public Context<PostgresInstance> context() {
    return context;
  }

  public Informers informers() {
    return informers;
  }

  public SnapshotReader reader() {
    return new SnapshotReader(client, informers);
  }

  @Override
  public List<EventSource<?, PostgresInstance>> prepareEventSources(
      EventSourceContext<PostgresInstance> context) {
    informers = new Informers(context);
    return informers.eventSources();
  }

  @Override
  public UpdateControl<PostgresInstance> reconcile(
      PostgresInstance instance, Context<PostgresInstance> context) {
    throw new IllegalStateException("The operator is never started");
  }
}
