package dev.postgresinstance.operator.reconcile;

import dev.postgresinstance.operator.feature.Feature;
import dev.postgresinstance.operator.feature.access.AccessFeature;
import dev.postgresinstance.operator.feature.backup.BackupFeature;
import dev.postgresinstance.operator.feature.backup.deletion.BackupDeletionFeature;
import dev.postgresinstance.operator.feature.configuration.ConfigurationFeature;
import dev.postgresinstance.operator.feature.crash.CrashFeature;
import dev.postgresinstance.operator.feature.data.DataFeature;
import dev.postgresinstance.operator.feature.image.ImageFeature;
import dev.postgresinstance.operator.feature.image.PostgresImages;
import dev.postgresinstance.operator.feature.network.NetworkFeature;
import dev.postgresinstance.operator.feature.restore.RestoreFeature;
import dev.postgresinstance.operator.feature.restore.inplace.InPlaceFeature;
import dev.postgresinstance.operator.feature.server.ServerFeature;
import dev.postgresinstance.operator.feature.standby.StandbyFeature;
import dev.postgresinstance.operator.feature.storage.StorageFeature;
import dev.postgresinstance.operator.feature.tls.TlsFeature;
import dev.postgresinstance.operator.feature.verify.VerifyFeature;
import java.util.List;
import java.util.Optional;

/**
 * The capabilities of the operator. Their tasks run in a session in the order of {@link #all}: the
 * task that identifies the data is the first one, and the checkpoint precedes the task that reads
 * the server's settings.
 *
 * @param server the feature that also decides about the pod, which is not a child
 * @param all every feature, {@code server} included
 */
record Features(ServerFeature server, List<Feature> all) {

  /** All features, with the image for each major version, and that of the operator. */
  static Features of(PostgresImages images, Optional<String> operatorImage) {
    ImageFeature image = new ImageFeature(images);
    ServerFeature server = new ServerFeature(image);
    return new Features(
        server,
        List.of(
            new DataFeature(),
            new RestoreFeature(image, operatorImage),
            new InPlaceFeature(image, operatorImage),
            new NetworkFeature(),
            new TlsFeature(),
            new AccessFeature(),
            server,
            new ConfigurationFeature(),
            image,
            new StandbyFeature(),
            new StorageFeature(),
            new CrashFeature(),
            new BackupFeature(image, operatorImage),
            new VerifyFeature(image, operatorImage),
            new BackupDeletionFeature(operatorImage)));
  }
}
