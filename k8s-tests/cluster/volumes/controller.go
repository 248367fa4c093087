package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// controller creates, grows and removes the files.
type controller struct {
	csi.UnimplementedControllerServer
}

func (controller) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, c := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
		csi.ControllerServiceCapability_RPC_SINGLE_NODE_MULTI_WRITER,
	} {
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: c}}})
	}
	return response, nil
}

func (controller) CreateVolume(_ context.Context, r *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	kind, err := kindOf(xfs, r.GetVolumeCapabilities()...)
	if err != nil {
		return nil, err
	}
	id := r.GetName() + kind
	if r.GetName() == "" || !valid(id) {
		return nil, status.Errorf(codes.InvalidArgument, "invalid volume name %q", r.GetName())
	}
	if r.GetVolumeContentSource() != nil || len(r.GetParameters()) > 0 {
		return nil, status.Error(codes.InvalidArgument, "volumes have neither a source nor parameters")
	}
	wanted, err := sizeIn(r.GetCapacityRange())
	if err != nil {
		return nil, err
	}
	size, err := sizeOf(id)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		if err := format(id, wanted); err != nil {
			return nil, err
		}
		size = wanted
	} else if limit := r.GetCapacityRange().GetLimitBytes(); size < wanted || limit > 0 && size > limit {
		return nil, status.Errorf(codes.AlreadyExists, "volume %s already exists, with %d bytes", id, size)
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{VolumeId: id, CapacityBytes: size}}, nil
}

func (controller) DeleteVolume(_ context.Context, r *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	_, err := existing(r.GetVolumeId())
	if status.Code(err) == codes.NotFound {
		return &csi.DeleteVolumeResponse{}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := unused(r.GetVolumeId()); err != nil {
		return nil, err
	}
	if err := errors.Join(os.RemoveAll(filesOf(r.GetVolumeId())), os.Remove(image(r.GetVolumeId()))); err != nil {
		return nil, err
	}
	return &csi.DeleteVolumeResponse{}, nil
}

// ControllerExpandVolume makes the file larger. The node then grows the file system in it: XFS while it is mounted, ext4
// before it is mounted the next time.
func (controller) ControllerExpandVolume(_ context.Context, r *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	id := r.GetVolumeId()
	size, err := existing(id)
	if err != nil {
		return nil, err
	}
	wanted, err := sizeIn(r.GetCapacityRange())
	if err != nil {
		return nil, err
	}
	if size < wanted {
		if filepath.Ext(id) == ext4 {
			if err := unused(id); err != nil {
				return nil, err
			}
		}
		if err := os.Truncate(image(id), wanted); err != nil {
			return nil, err
		}
		size = wanted
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: size, NodeExpansionRequired: true}, nil
}

func (controller) ValidateVolumeCapabilities(_ context.Context, r *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if _, err := existing(r.GetVolumeId()); err != nil {
		return nil, err
	}
	if len(r.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "volume capabilities are missing")
	}
	own := filepath.Ext(r.GetVolumeId())
	if kind, err := kindOf(own, r.GetVolumeCapabilities()...); err != nil || kind != own {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: "not for this volume"}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
		VolumeCapabilities: r.GetVolumeCapabilities()}}, nil
}

// kindOf returns the file system that all capabilities request; usual is the default for those that request none.
func kindOf(usual string, capabilities ...*csi.VolumeCapability) (string, error) {
	kind := ""
	for _, c := range capabilities {
		asked := "." + c.GetMount().GetFsType()
		if asked == "." {
			asked = usual
		}
		if c.GetMount() == nil || asked != xfs && asked != ext4 && asked != folder || kind != "" && asked != kind {
			return "", status.Error(codes.InvalidArgument, "a volume is mounted, as xfs, ext4 or folder")
		}
		switch c.GetAccessMode().GetMode() {
		case csi.VolumeCapability_AccessMode_SINGLE_NODE_WRITER, csi.VolumeCapability_AccessMode_SINGLE_NODE_READER_ONLY,
			csi.VolumeCapability_AccessMode_SINGLE_NODE_SINGLE_WRITER, csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER:
		default:
			return "", status.Error(codes.InvalidArgument, "a volume is for one node")
		}
		kind = asked
	}
	if kind == "" {
		return "", status.Error(codes.InvalidArgument, "volume capabilities are missing")
	}
	return kind, nil
}

// sizeIn returns the size for the new volume, in whole mebibytes.
func sizeIn(r *csi.CapacityRange) (int64, error) {
	size := max(r.GetRequiredBytes(), least)
	size = (size + mebibyte - 1) / mebibyte * mebibyte
	if size > most || r.GetLimitBytes() > 0 && size > r.GetLimitBytes() {
		return 0, status.Errorf(codes.OutOfRange, "cannot provide %d bytes: the limit is %d, and sizes are whole mebibytes", r.GetRequiredBytes(), int64(most))
	}
	return size, nil
}

// existing returns the size of a volume, or an error if it does not exist.
func existing(id string) (int64, error) {
	if id == "" {
		return 0, status.Error(codes.InvalidArgument, "the volume's id is missing")
	}
	if !valid(id) {
		return 0, status.Errorf(codes.NotFound, "no volume %s", id)
	}
	size, err := sizeOf(id)
	if err == nil && size == 0 {
		err = status.Errorf(codes.NotFound, "no volume %s", id)
	}
	return size, err
}

// unused returns an error if the volume is mounted for a pod.
func unused(id string) error {
	device, err := deviceOf(id)
	if err == nil && device != "" {
		err = status.Errorf(codes.FailedPrecondition, "volume %s is in use as %s: try again when no pod uses it", id, device)
	}
	return err
}
