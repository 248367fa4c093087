#!/usr/bin/env bash
# kind-config.sh NAME IMAGE: prints the configuration of a cluster with one node. pgi, the demo cluster, has host ports. The
# tests use the address of the node on Docker's bridge, and read in the API server's audit log which client wrote what.
. "$(dirname "$0")/lib.sh"

cat <<YAML
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/16
YAML
case $2 in $BUILT_NODE_IMAGE:*)
  echo '  disableDefaultCNI: true   # the node image has its own CNI' ;;
esac
cat <<YAML
nodes:
- role: control-plane
  image: $2
YAML
case $1 in
  pgi)
    cat <<YAML
  extraPortMappings:
  - {containerPort: 30432, hostPort: 30432, listenAddress: 127.0.0.1}
  - {containerPort: 30433, hostPort: 30433, listenAddress: 127.0.0.1}
YAML
    ;;
  *)
    # The name of the copy has the hash of its content: the cluster is recreated when the policy changes, not when the
    # checkout moves.
    policy=$cache/audit-policy-$(hash_of audit-policy.yaml).yaml
    cp "$cluster/audit-policy.yaml" "$policy"
    in_node=/etc/kubernetes/audit-policy.yaml
    cat <<YAML
  extraMounts:
  - {hostPath: "$policy", containerPath: $in_node, readOnly: true}
  kubeadmConfigPatches:
  - |
    kind: ClusterConfiguration
    apiServer:
      extraArgs:
        audit-policy-file: $in_node
        audit-log-path: /var/log/kubernetes/audit.log   # the kubelet serves files in /var/log
        audit-log-maxsize: "20"
        audit-log-maxbackup: "10"
        # Tests change pods by policies, as the webhooks of others do. Kubernetes 1.35 does not enable this API by itself.
        feature-gates: MutatingAdmissionPolicy=true
        runtime-config: admissionregistration.k8s.io/v1beta1=true
      extraVolumes:
      - {name: audit-policy, hostPath: $in_node, mountPath: $in_node, pathType: File, readOnly: true}
      - {name: audit-log, hostPath: /var/log/kubernetes, mountPath: /var/log/kubernetes, pathType: DirectoryOrCreate}
YAML
    # The measurement is about the operator. These settings remove other limits: the request rates of Kubernetes' own
    # controllers, the speed of this machine's disk, and the interval at which KWOK renews the heartbeat of its node.
    if [ "$1" = pgi-scale ]; then cat <<YAML
    controllerManager:
      extraArgs: {kube-api-qps: "1000", kube-api-burst: "1000", concurrent-statefulset-syncs: "20", node-monitor-grace-period: 20m}
    scheduler:
      extraArgs: {kube-api-qps: "1000", kube-api-burst: "1000"}
    etcd:
      local:
        extraArgs: {unsafe-no-fsync: "true"}
YAML
    fi
    ;;
esac
# On cgroup v1, the kubelet must be allowed to run and must use the same driver as containerd. Our node image never lowers an
# oom_score_adj, because not every machine permits that, and it uses no external DNS.
case $2-$(docker info --format '{{.CgroupVersion}}') in
  $BUILT_NODE_IMAGE:*)
    cat <<YAML
kubeadmConfigPatches:
- |
  kind: KubeletConfiguration
  failCgroupV1: false
  cgroupDriver: cgroupfs
  oomScoreAdj: 0
  resolvConf: /kind/resolv.conf
- |
  kind: KubeProxyConfiguration
  oomScoreAdj: 0
YAML
    ;;
  *-1)
    cat <<YAML
kubeadmConfigPatches:
- |
  kind: KubeletConfiguration
  failCgroupV1: false
YAML
    ;;
esac
