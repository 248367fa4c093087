#!/usr/bin/env bash
# Starts an S3 server with the bucket `backups` in the demo cluster, for the examples of backups.
. "$(dirname "$0")/lib.sh"
"$cluster/up.sh" pgi
"$cluster/s3.sh" pgi
kubectl --kubeconfig "$kubeconfig" --context kind-pgi -n s3 exec deployment/s3 -- mkdir -p /objects/backups
say "the store is at https://s3.s3.svc:7070 in the cluster, with the bucket backups and the credentials in Secret s3 of the namespace s3"
