package dev.postgresinstance.operator.archive.program;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;

/** Lets one call of an object fail, or ends the program there. */
public final class Faults {

  /** Where the fault is: the request or the answer gets lost. */
  public enum Place {
    BEFORE,
    AFTER
  }

  /** The end of the program. */
  public static final class Crash extends Error {
    private static final long serialVersionUID = 1;
  }

  private int calls;
  private int at = -1;
  private Place place = Place.BEFORE;
  private boolean crash;
  private boolean hit;

  /** The number of calls so far. */
  public int calls() {
    return calls;
  }

  /** Whether the fault has occurred. */
  public boolean wasHit() {
    return hit;
  }

  /** Sets the fault. */
  public void set(int call, Place where, boolean ends) {
    at = call;
    place = where;
    crash = ends;
  }

  /** An object whose calls are counted together with those of others. */
  public <T> T wrap(Class<T> type, T target, Supplier<Exception> failure) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              boolean counts = method.getExceptionTypes().length > 0;
              boolean faulty = counts && calls++ == at;
              if (faulty && place == Place.BEFORE) {
                strike(failure);
              }
              try {
                Object result = method.invoke(target, arguments);
                if (faulty) {
                  strike(failure);
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return type.cast(proxy);
  }

  private void strike(Supplier<Exception> failure) throws Exception {
    hit = true;
    if (crash) {
      throw new Crash();
    }
    throw failure.get();
  }
}
