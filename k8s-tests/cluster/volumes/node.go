package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// nodeService mounts a volume once (stage), and binds that mount into each pod (publish).
type nodeService struct {
	csi.UnimplementedNodeServer
	name string
}

func (n nodeService) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: n.name}, nil
}

func (nodeService) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	response := &csi.NodeGetCapabilitiesResponse{}
	for _, c := range []csi.NodeServiceCapability_RPC_Type{
		csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME,
		csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
		csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
		csi.NodeServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER,
	} {
		response.Capabilities = append(response.Capabilities, &csi.NodeServiceCapability{
			Type: &csi.NodeServiceCapability_Rpc{Rpc: &csi.NodeServiceCapability_RPC{Type: c}}})
	}
	return response, nil
}

func (nodeService) NodeStageVolume(_ context.Context, r *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	if r.GetStagingTargetPath() == "" || r.GetVolumeCapability() == nil {
		return nil, status.Error(codes.InvalidArgument, "staging path or volume capability is missing")
	}
	if _, err := existing(r.GetVolumeId()); err != nil {
		return nil, err
	}
	own := filepath.Ext(r.GetVolumeId())
	if kind, err := kindOf(own, r.GetVolumeCapability()); err != nil || kind != own {
		return nil, status.Errorf(codes.InvalidArgument, "volume %s has a different file system", r.GetVolumeId())
	}
	mounted, err := isMounted(r.GetStagingTargetPath())
	if err != nil {
		return nil, err
	}
	if !mounted {
		if err := os.MkdirAll(r.GetStagingTargetPath(), 0o750); err != nil {
			return nil, err
		}
		if err := mountImage(r.GetVolumeId(), r.GetStagingTargetPath(), r.GetVolumeCapability().GetMount().GetMountFlags()); err != nil {
			return nil, err
		}
	}
	return &csi.NodeStageVolumeResponse{}, nil
}

func (nodeService) NodeUnstageVolume(_ context.Context, r *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	if r.GetVolumeId() == "" || r.GetStagingTargetPath() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id or staging path is missing")
	}
	return &csi.NodeUnstageVolumeResponse{}, unmount(r.GetStagingTargetPath())
}

func (nodeService) NodePublishVolume(_ context.Context, r *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	if r.GetTargetPath() == "" || r.GetVolumeCapability() == nil {
		return nil, status.Error(codes.InvalidArgument, "target path or volume capability is missing")
	}
	if _, err := existing(r.GetVolumeId()); err != nil {
		return nil, err
	}
	if staged, err := isMounted(r.GetStagingTargetPath()); err != nil || !staged {
		return nil, status.Errorf(codes.FailedPrecondition, "%s is not staged: %v", r.GetVolumeId(), err)
	}
	mounted, err := isMounted(r.GetTargetPath())
	if err != nil {
		return nil, err
	}
	if !mounted {
		if err := os.MkdirAll(r.GetTargetPath(), 0o750); err != nil {
			return nil, err
		}
		if err := unix.Mount(r.GetStagingTargetPath(), r.GetTargetPath(), "", unix.MS_BIND, ""); err != nil {
			return nil, err
		}
	}
	// The read-only flag has an effect on a bind mount only when it is remounted.
	if r.GetReadonly() {
		if err := unix.Mount("", r.GetTargetPath(), "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			return nil, err
		}
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (nodeService) NodeUnpublishVolume(_ context.Context, r *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	if r.GetVolumeId() == "" || r.GetTargetPath() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id or target path is missing")
	}
	return &csi.NodeUnpublishVolumeResponse{}, unmount(r.GetTargetPath())
}

// NodeExpandVolume runs after ControllerExpandVolume. A mounted ext4 has had the size of its file since it was staged.
func (nodeService) NodeExpandVolume(_ context.Context, r *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	id := r.GetVolumeId()
	size, err := existing(id)
	if err != nil {
		return nil, err
	}
	if r.GetVolumePath() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume path is missing")
	}
	if mounted, err := isMounted(r.GetVolumePath()); err != nil || !mounted {
		return nil, status.Errorf(codes.NotFound, "%s is not mounted at %s: %v", id, r.GetVolumePath(), err)
	}
	if wanted, err := sizeIn(r.GetCapacityRange()); err != nil {
		return nil, err
	} else if size < wanted {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s has %d bytes: it can grow on the node only after the controller has grown it", id, size)
	}
	if filepath.Ext(id) == xfs {
		if err := growMounted(id, r.GetVolumePath()); err != nil {
			return nil, err
		}
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: size}, nil
}

func (nodeService) NodeGetVolumeStats(_ context.Context, r *csi.NodeGetVolumeStatsRequest) (*csi.NodeGetVolumeStatsResponse, error) {
	if r.GetVolumeId() == "" || r.GetVolumePath() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id or path is missing")
	}
	if mounted, err := isMounted(r.GetVolumePath()); err != nil || !mounted {
		return nil, status.Errorf(codes.NotFound, "%s is not mounted at %s: %v", r.GetVolumeId(), r.GetVolumePath(), err)
	}
	var s unix.Statfs_t
	if err := unix.Statfs(r.GetVolumePath(), &s); err != nil {
		return nil, err
	}
	block := s.Bsize
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		{Unit: csi.VolumeUsage_BYTES, Total: int64(s.Blocks) * block, Available: int64(s.Bavail) * block, Used: int64(s.Blocks-s.Bfree) * block},
		{Unit: csi.VolumeUsage_INODES, Total: int64(s.Files), Available: int64(s.Ffree), Used: int64(s.Files - s.Ffree)},
	}}, nil
}
