package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;

/**
 * What a test begins with: an operator that runs, a namespace of the class, and the instances in
 * it. Removes exactly what was made: instances after their test, the namespace after the class.
 */
public final class Given
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterTestExecutionCallback,
        AfterEachCallback,
        AfterAllCallback,
        LifecycleMethodExecutionExceptionHandler {

  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(Given.class);

  private final boolean pods;
  // A test may make instances in several threads.
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final List<Instance> ofTheClass = new CopyOnWriteArrayList<>();
  private final List<Instance> ofTheTest = new CopyOnWriteArrayList<>();
  private final List<HasMetadata> others = new ArrayList<>();
  private final LeakCheck leaks = new LeakCheck();
  private List<Instance> made = ofTheClass;
  private OperatorUnderTest operator;
  private Namespace namespace;

  private Given(boolean pods) {
    this.pods = pods;
  }

  /** A namespace under Pod Security `restricted`, so that every test proves that pods fit it. */
  public static Given inOwnNamespace() {
    return new Given(true);
  }

  /** A namespace in which no pod is admitted: for what can be seen on the children alone. */
  public static Given inOwnNamespaceWithoutPods() {
    return new Given(false);
  }

  /** An instance of that name; each test takes another, since volumes stay after a deletion. */
  public InstanceBuilder instance(String name) {
    return instance(namespace(), name);
  }

  /** The same in another namespace of the class. */
  public InstanceBuilder instance(String otherNamespace, String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("another test of this class has used the name " + name);
    }
    return new InstanceBuilder(otherNamespace, name, made::add);
  }

  /** One more namespace like that of the class; removed after the class as well. */
  public String anotherNamespace() {
    Namespace another = createNamespace(namespace.getMetadata().getGenerateName());
    others.add(another);
    return another.getMetadata().getName();
  }

  /** An instance in a namespace that the test may delete. */
  public InstanceBuilder instanceInNamespaceOfItsOwn(String name) {
    Namespace own = createNamespace(name + "-");
    others.add(own);
    return new InstanceBuilder(own.getMetadata().getName(), name, made::add);
  }

  /** The objects of an example, as they are in their files; gives the one instance among them. */
  public Instance example(Path folder) {
    return examples(folder).getFirst();
  }

  /** The same with the StorageClass that the example leaves to its reader. */
  public Instance example(Path folder, String storageClass) {
    return apply(Example.read(folder, storageClass)).getFirst();
  }

  /** The same of an example with several instances, in the order of their files. */
  public List<Instance> examples(Path folder) {
    return apply(Example.read(folder));
  }

  /**
   * The instances of an example, not applied yet, in a namespace and at node ports of their own.
   */
  public Manifests manifests(Path example) {
    Namespace own = createNamespace(example.getFileName() + "-");
    others.add(own);
    Manifests manifests = Manifests.copyOf(example, own.getMetadata().getName());
    made.addAll(manifests.instances());
    return manifests;
  }

  private List<Instance> apply(List<HasMetadata> objects) {
    objects.stream()
        .filter(Namespace.class::isInstance)
        .forEach(
            object -> {
              others.add(object);
              TestCluster.client().resource(object).serverSideApply();
            });
    objects.forEach(object -> TestCluster.client().resource(object).serverSideApply());
    List<Instance> instances =
        objects.stream()
            .filter(object -> object.getKind().equals("PostgresInstance"))
            .map(object -> new Instance(object.getMetadata()))
            .toList();
    made.addAll(instances);
    return instances;
  }

  /** Some object of someone else, in the namespace of the class. */
  public <T extends HasMetadata> T object(T object) {
    return TestCluster.client().resource(object).inNamespace(namespace()).create();
  }

  /** Some object of someone else, in the namespace where that instance is going to be. */
  public <T extends HasMetadata> T objectBeside(InstanceBuilder instance, T object) {
    return TestCluster.client().resource(object).inNamespace(instance.namespace()).create();
  }

  /** Some object of someone else that is in no namespace; removed after the class. */
  public <T extends HasMetadata> T clusterObject(T object) {
    T created = TestCluster.client().resource(object).create();
    others.add(created);
    return created;
  }

  /** A Service of someone else that has taken that node port. */
  public Service service(int nodePort) {
    return object(
        new ServiceBuilder()
            .withNewMetadata()
            .withName("other")
            .endMetadata()
            .withNewSpec()
            .withType("NodePort")
            .addNewPort()
            .withPort(80)
            .withNodePort(nodePort)
            .endPort()
            .endSpec()
            .build());
  }

  public String namespace() {
    return namespace.getMetadata().getName();
  }

  public OperatorUnderTest operator() {
    return operator;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    operator =
        context
            .getRoot()
            .getStore(STORE)
            .computeIfAbsent(
                "operator", key -> OperatorUnderTest.started(), OperatorUnderTest.class);
    String prefix = context.getRequiredTestClass().getSimpleName().toLowerCase(Locale.ROOT);
    namespace = createNamespace(prefix + "-");
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    made = ofTheTest;
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    context.getExecutionException().ifPresent(failure -> save(context));
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    save(context);
    throw failure;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      if (context.getExecutionException().isEmpty()) {
        present(ofTheTest).forEach(leaks::check);
        List<Instance> all = new ArrayList<>(ofTheClass);
        all.addAll(ofTheTest);
        Provoked.check(context, all);
      }
    } finally {
      removeInstancesOfTheTest();
    }
  }

  private void removeInstancesOfTheTest() {
    present(ofTheTest).forEach(Instance::delete);
    ofTheTest.clear();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (namespace == null) {
      return;
    }
    try {
      present(ofTheClass).forEach(leaks::check);
      leaks.check(namespace(), operator);
      if (!Settings.operatorIsInstalled()) {
        operator.recorder().assertGuardedIn(namespace());
      }
    } finally {
      present(ofTheClass).forEach(Instance::delete);
      others.forEach(other -> TestCluster.client().resource(other).delete());
      // With it go claims and Secrets, which outlive their instance.
      TestCluster.client().resource(namespace).delete();
    }
  }

  private static List<Instance> present(List<Instance> instances) {
    return instances.stream().filter(instance -> instance.find().isPresent()).toList();
  }

  private Namespace createNamespace(String prefix) {
    Namespace created =
        TestCluster.client()
            .resource(
                new NamespaceBuilder()
                    .withNewMetadata()
                    .withGenerateName(prefix)
                    .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                    .endMetadata()
                    .build())
            .create();
    if (!pods) {
      TestCluster.client().resource(noPods()).inNamespace(created.getMetadata().getName()).create();
    }
    return created;
  }

  private static ResourceQuota noPods() {
    return new ResourceQuotaBuilder()
        .withNewMetadata()
        .withName("no-pods")
        .endMetadata()
        .withNewSpec()
        .addToHard("pods", new Quantity("0"))
        .endSpec()
        .build();
  }

  private void save(ExtensionContext context) {
    List<Instance> instances = new ArrayList<>(ofTheClass);
    instances.addAll(ofTheTest);
    Evidence.save(context, namespace(), instances, operator);
  }
}
