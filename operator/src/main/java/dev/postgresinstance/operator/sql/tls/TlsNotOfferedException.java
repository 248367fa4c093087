package dev.postgresinstance.operator.sql.tls;

import java.io.IOException;
import java.io.Serial;

/** A server offers no TLS although it is known to accept no connection without. */
public final class TlsNotOfferedException extends IOException {

  /** The message of each such exception. */
  public static final String MESSAGE = "The server offers no TLS.";

  @Serial private static final long serialVersionUID = 1L;

  TlsNotOfferedException() {
    super(MESSAGE);
  }
}
