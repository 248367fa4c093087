// A CSI driver for the tests: volumes with a real size limit, which can fill up and grow. Each of them is a sparse,
// formatted file on the only node of the cluster, mounted through a loop device. Others are folders. One process is both controller and node service.
package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const (
	driverName = "limited.volumes.postgresinstance.test"
	// The folder in which the kubelet looks for drivers, and the socket at which it calls this one.
	registrationSocket = "/var/lib/kubelet/plugins_registry/" + driverName + "-reg.sock"
	driverSocket       = "/var/lib/kubelet/plugins/" + driverName + "/csi.sock"
)

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	node := flag.String("node", "", "name of the node this runs on")
	flag.StringVar(&directory, "directory", "", "where the files of the volumes are")
	flag.Parse()
	if *node == "" || directory == "" {
		log.Fatal("-node and -directory are required")
	}
	if err := makeLoopDevices(); err != nil {
		log.Fatal(err)
	}

	driver := grpc.NewServer(grpc.UnaryInterceptor(oneCallPerVolume))
	csi.RegisterIdentityServer(driver, identity{})
	csi.RegisterControllerServer(driver, controller{})
	csi.RegisterNodeServer(driver, nodeService{name: *node})
	registrar := grpc.NewServer()
	registration.RegisterRegistrationServer(registrar, registrationService{})

	// The kubelet calls the driver as soon as it sees the second socket: so the first must exist by then.
	for _, service := range []struct {
		server *grpc.Server
		socket string
	}{{driver, driverSocket}, {registrar, registrationSocket}} {
		listener, err := listen(service.socket)
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			if err := service.server.Serve(listener); err != nil {
				log.Fatal(err)
			}
		}()
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
	// Deregister from the kubelet first. Mounts and loop devices stay, because pods continue to use them.
	registrar.Stop()
	driver.GracefulStop()
}

// listen replaces a socket left by an earlier process.
func listen(socket string) (net.Listener, error) {
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		return nil, err
	}
	return net.Listen("unix", socket)
}

var locks sync.Map

// oneCallPerVolume serializes the calls for a volume, and logs each call.
func oneCallPerVolume(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	volume := ""
	switch r := request.(type) {
	case *csi.CreateVolumeRequest:
		volume = r.GetName()
	case interface{ GetVolumeId() string }:
		volume = r.GetVolumeId()
	}
	if volume != "" {
		// The ID of a volume consists of its name and its file system.
		lock, _ := locks.LoadOrStore(strings.TrimSuffix(volume, filepath.Ext(volume)), new(sync.Mutex))
		lock.(*sync.Mutex).Lock()
		defer lock.(*sync.Mutex).Unlock()
	}
	start := time.Now()
	response, err := handle(ctx, request)
	if method := filepath.Base(info.FullMethod); err != nil {
		log.Printf("%s %s: %v", method, volume, err)
	} else if volume != "" && method != "NodeGetVolumeStats" {
		log.Printf("%s %s: %d ms", method, volume, time.Since(start).Milliseconds())
	}
	return response, err
}

// registrationService reports the driver's socket to the kubelet.
type registrationService struct {
	registration.UnimplementedRegistrationServer
}

func (registrationService) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type: registration.CSIPlugin, Name: driverName, Endpoint: driverSocket, SupportedVersions: []string{"1.0.0"},
	}, nil
}

// A refused registration is final: the kubelet asks only a new process again.
func (registrationService) NotifyRegistrationStatus(_ context.Context, s *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !s.GetPluginRegistered() {
		log.Fatalf("the kubelet refused the registration: %s", s.GetError())
	}
	log.Print("registered with the kubelet")
	return &registration.RegistrationStatusResponse{}, nil
}

type identity struct {
	csi.UnimplementedIdentityServer
}

func (identity) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: driverName, VendorVersion: "1"}, nil
}

func (identity) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{
		{Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{
			Type: csi.PluginCapability_Service_CONTROLLER_SERVICE}}},
		{Type: &csi.PluginCapability_VolumeExpansion_{VolumeExpansion: &csi.PluginCapability_VolumeExpansion{
			Type: csi.PluginCapability_VolumeExpansion_ONLINE}}},
	}}, nil
}

func (identity) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}
