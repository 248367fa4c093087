package dev.postgresinstance.tests.support;

import dev.postgresinstance.api.v1alpha1.EventReason;
import dev.postgresinstance.api.v1alpha1.Reason;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The reasons that a test covers. When the test has ended, {@link Given} checks that each of them
 * occurs in the conditions and events of the test's instances.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface CoversReasons {

  /** The condition reasons that the test covers. */
  Reason[] value() default {};

  /** The event reasons that the test covers. */
  EventReason[] events() default {};
}
