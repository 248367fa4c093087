package dev.postgresinstance.operator.kubernetes;

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

/** The framework's own parts, as they are before an operator starts: no request is sent. */
public final class JosdkWithoutOperator implements Reconciler<PostgresInstance> {

  private final Context<PostgresInstance> context;
  private Informers sources;

  public JosdkWithoutOperator(KubernetesClient client) {
    Operator operator =
        new Operator(
            (ConfigurationServiceOverrider overrider) -> {
              overrider.withKubernetesClient(client);
              overrider.withCloseClientOnStop(false);
              // Its default ends the process.
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

  Context<PostgresInstance> context() {
    return context;
  }

  public Informers sources() {
    return sources;
  }

  @Override
  public List<EventSource<?, PostgresInstance>> prepareEventSources(
      EventSourceContext<PostgresInstance> context) {
    sources = new Informers(context);
    return sources.all();
  }

  @Override
  public UpdateControl<PostgresInstance> reconcile(
      PostgresInstance instance, Context<PostgresInstance> context) {
    throw new IllegalStateException("never started");
  }
}
