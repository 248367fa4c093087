package dev.postgresinstance.operator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.postgresinstance.api.v1alpha1.ConditionType;
import dev.postgresinstance.api.v1alpha1.PostgresInstance;
import dev.postgresinstance.operator.archive.program.ProgramEnvironment;
import dev.postgresinstance.operator.archive.program.ProgramLog;
import dev.postgresinstance.operator.instance.PreviousStatus;
import dev.postgresinstance.operator.kubernetes.ConditionalApply;
import dev.postgresinstance.operator.kubernetes.WriteRequests;
import dev.postgresinstance.operator.kubernetes.cache.LenientDecoding;
import dev.postgresinstance.operator.sql.LoginRepair;
import dev.postgresinstance.operator.sql.SessionTask;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan of the house, see docs/design.md. */
class ArchitectureTest {

  private static final String OPERATOR = "dev.postgresinstance.operator";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.postgresinstance");

  /**
   * Without blank lines, comments and imports. The bounds of files and methods are in
   * .mvn/checkstyle.xml.
   */
  private static final long PACKAGE_LINES = 900;

  private static final String API = "dev.postgresinstance.api..";

  private static final List<String> FEATURES =
      List.of(
          "data",
          "configuration",
          "network",
          "tls",
          "storage",
          "image",
          "access",
          "server",
          "standby",
          "crash",
          "backup",
          "restore",
          "verify");

  /** A name of a child is that of the instance with one of these behind it. */
  private static final Pattern SUFFIX =
      Pattern.compile(
          "\"(.*%s)?-(app|operator|superuser|data|config|ca|tls|backup|backup-deletion|restore|verify|0)\"");

  @Test
  void packagesDependInOneDirection() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.postgresinstance..")
        .layer("crd")
        .definedBy(API)
        .layer("common")
        .definedBy(OPERATOR + ".common..")
        .layer("archive")
        .definedBy(OPERATOR + ".archive..")
        .layer("sql")
        .definedBy(OPERATOR + ".sql..")
        .layer("instance")
        .definedBy(OPERATOR + ".instance..")
        .layer("report")
        .definedBy(OPERATOR + ".report..")
        .layer("management")
        .definedBy(OPERATOR + ".management..")
        .layer("kubernetes")
        .definedBy(OPERATOR + ".kubernetes..")
        .layer("feature")
        .definedBy(OPERATOR + ".feature..")
        .layer("reconcile")
        .definedBy(OPERATOR + ".reconcile..")
        .layer("top")
        .definedBy(OPERATOR)
        .whereLayer("common")
        .mayNotAccessAnyLayer()
        .whereLayer("archive")
        .mayOnlyAccessLayers("common")
        .whereLayer("sql")
        .mayOnlyAccessLayers("common")
        .whereLayer("instance")
        .mayOnlyAccessLayers("crd", "common", "sql")
        .whereLayer("report")
        .mayOnlyAccessLayers("crd", "common", "sql", "instance")
        .whereLayer("management")
        .mayOnlyAccessLayers("crd", "common")
        .whereLayer("kubernetes")
        .mayOnlyAccessLayers("crd", "common", "sql", "instance", "report", "management")
        .whereLayer("feature")
        .mayOnlyAccessLayers("crd", "common", "archive", "sql", "instance", "report")
        .whereLayer("reconcile")
        .mayOnlyBeAccessedByLayers("top")
        .whereLayer("top")
        .mayNotBeAccessedByAnyLayer()
        .check(CLASSES);
  }

  /**
   * The dependencies that docs/design.md lists; the row names the feature that knows the others.
   */
  @ParameterizedTest
  @CsvSource({
    "data,          ''",
    "configuration, tls",
    "standby,       ''",
    "network,       data",
    "tls,           data network",
    "storage,       data",
    "image,         data",
    "crash,         ''",
    "backup,        access image storage tls",
    "access,        data network configuration tls",
    "restore,       data image backup storage",
    "verify,        backup image restore storage",
    "server,        data configuration image storage access tls restore"
  })
  void featuresKnowOnlyTheListedFeatures(String feature, String known) {
    String[] others =
        Stream.concat(
                Stream.of(feature),
                Pattern.compile(" ").splitAsStream(known).filter(n -> !n.isEmpty()))
            .map(name -> OPERATOR + ".feature." + name + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(OPERATOR + ".feature." + feature + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(OPERATOR + ".feature.*..")
                .and(DescribedPredicate.not(resideInAnyPackage(others))))
        .check(CLASSES);
    assertThat(FEATURES).contains(feature);
  }

  @Test
  void everyFeatureIsInTheTableOfDependencies() {
    assertThat(
            CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(OPERATOR + ".feature."))
                .map(name -> name.substring((OPERATOR + ".feature.").length()))
                .map(name -> name.replaceAll("\\..*", "")))
        .hasSameElementsAs(FEATURES);
  }

  @Test
  void noPackagesDependOnEachOther() {
    slices().matching("dev.postgresinstance.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** The SDK of Amazon is exchangeable, and an archive knows nothing of a cluster. */
  @Test
  void onlyTheStoreKnowsTheSdkOfAmazon() {
    noClasses()
        .that()
        .resideOutsideOfPackage(OPERATOR + ".archive.store..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon.awssdk..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(OPERATOR + ".archive..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.fabric8..", "io.javaoperatorsdk..")
        .check(CLASSES);
  }

  @Test
  void noClassesDependOnEachOther() {
    slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                return SliceIdentifier.of(javaClass.getName().replaceAll("\\$.*", ""));
              }

              @Override
              public String getDescription() {
                return "top-level classes";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(CLASSES.that(resideInAPackage(OPERATOR + "..")));
  }

  /** Only tasks that run in a session send anything, or log. */
  @Test
  void whatFeaturesDecideIsPure() {
    DescribedPredicate<JavaClass> isTask =
        assignableTo(SessionTask.class).or(assignableTo(LoginRepair.class));
    noClasses()
        .that(
            resideInAnyPackage(
                    OPERATOR + ".feature..", OPERATOR + ".instance..", OPERATOR + ".report..")
                .and(DescribedPredicate.not(isTask))
                .and(DescribedPredicate.not(nestedIn(isTask))))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "io.javaoperatorsdk..",
                "java.net.http..",
                "java.sql..",
                "java.util.concurrent..",
                "org.slf4j.."))
        .orShould()
        .dependOnClassesThat(
            resideInAPackage("io.fabric8.kubernetes.client..")
                // What a resource is made of, and how it is read and written.
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage("io.fabric8.kubernetes.client.utils.."))))
        .check(CLASSES);
  }

  private static DescribedPredicate<JavaClass> nestedIn(DescribedPredicate<JavaClass> outer) {
    return DescribedPredicate.describe(
        "nested in a task", c -> c.getEnclosingClass().filter(outer).isPresent());
  }

  /** The old status is an input with a name. */
  @Test
  void onlyThePreviousStatusReadsTheStatusOfTheResource() {
    noClasses()
        .that()
        .resideInAnyPackage(
            OPERATOR + ".feature..", OPERATOR + ".instance..", OPERATOR + ".report..")
        .and(DescribedPredicate.not(belongToAnyOf(PreviousStatus.class)))
        .should()
        .callMethod(PostgresInstance.class, "getStatus")
        .orShould()
        .callMethod(CustomResource.class, "getStatus")
        .orShould()
        .callMethod(PostgresInstance.class, "condition", ConditionType.class)
        .check(CLASSES);
  }

  @Test
  void onlyTheEventRecorderMakesAnEvent() {
    noClasses()
        .that()
        .doNotHaveSimpleName("EventRecorder")
        .should()
        .callConstructor(EventBuilder.class)
        .check(CLASSES);
  }

  @Test
  void onlySessionsAndFeaturesSpeakSql() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            OPERATOR + ".sql..", OPERATOR + ".feature..", OPERATOR + ".archive.program..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.sql..")
        .check(CLASSES);
  }

  @Test
  void onlyMainReadsTheEnvironment() {
    noClasses()
        .that(
            DescribedPredicate.not(
                belongToAnyOf(Main.class, OperatorConfig.class, ProgramEnvironment.class)))
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getProperty", String.class)
        .check(CLASSES);
  }

  @Test
  void onlyMainWritesToTheStandardStreams() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(
        CLASSES.that(DescribedPredicate.not(belongToAnyOf(Main.class, ProgramLog.class))));
    noClasses().should().accessField(System.class, "out").check(CLASSES);
  }

  @Test
  void onlyMainEndsTheProcess() {
    noClasses()
        .that(DescribedPredicate.not(belongToAnyOf(Main.class)))
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(CLASSES);
  }

  /** All who read an object from a cache share it. */
  @Test
  void nothingChangesObjectsOfTheCaches() {
    noClasses()
        .that(
            DescribedPredicate.not(
                belongToAnyOf(
                    LenientDecoding.class,
                    ConditionalApply.class,
                    WriteRequests.class,
                    Leadership.class)))
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "a setter of a Kubernetes object",
                call ->
                    call.getTarget().getName().startsWith("set")
                        && call.getTargetOwner()
                            .getPackageName()
                            .startsWith("io.fabric8.kubernetes.api.model")
                        && !call.getTargetOwner().getSimpleName().endsWith("Options")))
        .check(CLASSES.that(resideInAPackage(OPERATOR + "..")));
  }

  @Test
  void noClassIsADrawerOfThings() {
    classes()
        .should()
        .haveSimpleNameNotEndingWith("Utils")
        .andShould()
        .haveSimpleNameNotEndingWith("Util")
        .andShould()
        .haveSimpleNameNotEndingWith("Helper")
        .check(CLASSES);
  }

  @Test
  void onlyNamesSpellsTheNameOfAChild() throws IOException {
    // Given
    var others = SourceFile.all().stream().filter(file -> !file.name().equals("Names.java"));

    // When
    var spelled = others.filter(file -> SUFFIX.matcher(file.withoutComments()).find());

    // Then
    assertThat(spelled).isEmpty();
  }

  @Test
  void noPackageExceedsItsBoundOfLines() throws IOException {
    // When
    Map<String, Long> lines =
        SourceFile.all().stream()
            .collect(groupingBy(SourceFile::packageFolder, summingLong(SourceFile::lines)));

    // Then
    assertThat(lines).isNotEmpty();
    assertThat(lines.entrySet()).filteredOn(entry -> entry.getValue() > PACKAGE_LINES).isEmpty();
  }
}
