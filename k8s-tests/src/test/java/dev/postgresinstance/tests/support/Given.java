package dev.postgresinstance.tests.support;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The fixture of a test class: a running operator, a namespace for the class, and the instances in
 * it. Deletes exactly the objects it created: instances after their test, the namespace after the
 * class.
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
  // A test may create instances in several threads.
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final List<Instance> ofTheClass = new CopyOnWriteArrayList<>();
  private final List<Instance> ofTheTest = new CopyOnWriteArrayList<>();
  private final List<HasMetadata> others = new ArrayList<>();
  private final List<S3Bucket> buckets = new CopyOnWriteArrayList<>();
  private final LeakCheck leaks = new LeakCheck();
  private List<Instance> createdInstances = ofTheClass;
  private OperatorUnderTest operator;
  private Namespace namespace;

  private Given(boolean pods) {
    this.pods = pods;
  }

  /**
   * A namespace under Pod Security `restricted`, so that every test proves that the pods comply
   * with it.
   */
  public static Given inOwnNamespace() {
    return new Given(true);
  }

  /** A namespace whose quota admits no pods, for tests that only look at the child objects. */
  public static Given inOwnNamespaceWithoutPods() {
    return new Given(false);
  }

  /** Builds an instance. Each test uses its own names, because volumes stay after a deletion. */
  public InstanceBuilder instance(String name) {
    return instance(namespace(), name);
  }

  /** An instance in the namespace of the class that the test has applied by itself. */
  public Instance existing(String name) {
    Instance instance =
        new Instance(new ObjectMetaBuilder().withNamespace(namespace()).withName(name).build());
    createdInstances.add(instance);
    return instance;
  }

  /** Builds an instance in another namespace of the class. */
  public InstanceBuilder instance(String otherNamespace, String name) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("another test of this class has used the name " + name);
    }
    return new InstanceBuilder(otherNamespace, name, createdInstances::add);
  }

  /** Creates another namespace, which is also deleted after the class. */
  public String anotherNamespace() {
    Namespace another = createNamespace(namespace.getMetadata().getGenerateName());
    others.add(another);
    return another.getMetadata().getName();
  }

  /** Builds an instance in a new namespace, which the test may delete. */
  public InstanceBuilder instanceInOwnNamespace(String name) {
    Namespace own = createNamespace(name + "-");
    others.add(own);
    return new InstanceBuilder(own.getMetadata().getName(), name, createdInstances::add);
  }

  /** Applies the objects of an example as they are in the files; returns its first instance. */
  public Instance example(Path folder) {
    return examples(folder).getFirst();
  }

  /**
   * Applies the objects of an example with the given StorageClass, which the example leaves to the
   * reader.
   */
  public Instance example(Path folder, String storageClass) {
    return apply(Example.read(folder, storageClass)).getFirst();
  }

  /**
   * Applies the objects of an example and returns its instances, in the order of the file names.
   */
  public List<Instance> examples(Path folder) {
    return apply(Example.read(folder));
  }

  /**
   * The instances of an example, in the order of the file names. The test applies them by itself,
   * as they are in the files.
   */
  public List<Instance> examplesToApply(Path folder) {
    return register(Example.read(folder));
  }

  /** The instances of an example, not applied yet, in a new namespace and with free node ports. */
  public Manifests manifests(Path example) {
    Namespace own = createNamespace(example.getFileName() + "-");
    others.add(own);
    Manifests manifests = Manifests.copyOf(example, own.getMetadata().getName());
    createdInstances.addAll(manifests.instances());
    return manifests;
  }

  private List<Instance> apply(List<HasMetadata> objects) {
    List<Instance> instances = register(objects);
    Stream.concat(objects.stream().filter(Namespace.class::isInstance), objects.stream())
        .forEach(object -> TestCluster.client().resource(object).serverSideApply());
    return instances;
  }

  /** Remembers the instances and namespaces among the objects, in order to delete them. */
  private List<Instance> register(List<HasMetadata> objects) {
    objects.stream().filter(Namespace.class::isInstance).forEach(others::add);
    List<Instance> instances =
        objects.stream()
            .filter(object -> object.getKind().equals("PostgresInstance"))
            .map(object -> new Instance(object.getMetadata()))
            .toList();
    createdInstances.addAll(instances);
    return instances;
  }

  /** Creates an object that does not belong to the operator, in the namespace of the class. */
  public <T extends HasMetadata> T object(T object) {
    return TestCluster.client().resource(object).inNamespace(namespace()).create();
  }

  /**
   * Creates an object that does not belong to the operator, in the namespace of the future
   * instance.
   */
  public <T extends HasMetadata> T objectInNamespaceOf(InstanceBuilder instance, T object) {
    return TestCluster.client().resource(object).inNamespace(instance.namespace()).create();
  }

  /**
   * Creates a cluster-scoped object that does not belong to the operator; deleted after the class.
   */
  public <T extends HasMetadata> T clusterObject(T object) {
    T created = TestCluster.client().resource(object).create();
    others.add(created);
    return created;
  }

  /** Creates a bucket on the S3 server of the test cluster; deleted after the class. */
  public S3Bucket bucketOnS3() {
    S3Bucket bucket = S3Bucket.create(nextBucket());
    buckets.add(bucket);
    return bucket;
  }

  /** Creates a bucket of {@link S3Bucket#createLocked}; deleted after the class. */
  public S3Bucket lockedBucketOnS3() {
    S3Bucket bucket = S3Bucket.createLocked(nextBucket());
    buckets.add(bucket);
    return bucket;
  }

  private String nextBucket() {
    return "%s-%d".formatted(namespace(), buckets.size());
  }

  /** Creates a Service of another owner that uses the given node port. */
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
    if (context.getRequiredTestClass().isAnnotationPresent(Isolated.class)) {
      IsolatedStage.begin();
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    createdInstances = ofTheTest;
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
        ReasonCoverage.check(context, all);
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
        operator.recorder().assertPreconditionsIn(namespace());
      }
    } finally {
      present(ofTheClass).forEach(Instance::delete);
      others.forEach(other -> TestCluster.client().resource(other).delete());
      // This also deletes claims and Secrets, which outlive their instance.
      TestCluster.client().resource(namespace).delete();
      buckets.forEach(S3Bucket::close);
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
