package dev.postgresinstance.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/**
 * Tests use only what a user can access. Only the classes that start the operator, and those that
 * run its access to a store, depend on its code.
 */
class BlackBoxTest {

  private static final String TESTS = BlackBoxTest.class.getPackageName();

  private final JavaClasses tests = new ClassFileImporter().importPackages(TESTS);

  @Test
  void onlyClassesThatStartTheOperatorDependOnIt() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(TESTS + ".support.InProcessOperator")
        .and()
        .doNotHaveFullyQualifiedName(TESTS + ".faults.CrashingOperator")
        .and()
        .resideOutsideOfPackage(TESTS + ".store")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.postgresinstance.operator..")
        .check(tests);
  }

  @Test
  void testsDependOnlyOnApiClusterAndSupport() {
    classes()
        .that()
        .resideInAPackage(TESTS)
        .and()
        .doNotHaveFullyQualifiedName(BlackBoxTest.class.getName())
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            TESTS,
            TESTS + ".support",
            "dev.postgresinstance.api..",
            "io.fabric8.kubernetes..",
            "org.junit..",
            "org.assertj..",
            "java..")
        .check(tests);
  }
}
