// databases stands in for the servers of many instances whose pods do not run. For each pod address, it authenticates
// logins against the verifiers in the Secret of the instance, as a server would, and then forwards the session to one
// real server, which belongs to an instance with the same spec. It runs in the node, where all those addresses are local.
package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/xdg-go/scram"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	instanceLabel     = "postgresinstance.dev/instance"
	certificateVolume = "tls"
	byAddress         = "address"
	port              = 5432
)

var verifier = regexp.MustCompile(`ALTER ROLE "([^"]+)" .*'SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):([^']+)'`)

// The pods and Secrets of the instances, kept current by watches.
type world struct {
	pods    cache.SharedIndexInformer
	secrets cache.SharedIndexInformer
	real    string // namespace/name of the instance whose server is real
}

func main() {
	kubeconfig := flag.String("kubeconfig", "/etc/kubernetes/admin.conf", "how to reach the cluster")
	real := flag.String("real", "", "namespace/name of the instance whose server is real")
	flag.Parse()
	if err := run(*kubeconfig, *real); err != nil {
		log.Fatal(err)
	}
}

func run(kubeconfig, real string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	w := world{pods: factory.Core().V1().Pods().Informer(), secrets: factory.Core().V1().Secrets().Informer(), real: real}
	err = w.pods.AddIndexers(cache.Indexers{byAddress: func(object any) ([]string, error) {
		pod := object.(*corev1.Pod)
		if pod.Labels[instanceLabel] == "" || pod.Spec.HostNetwork {
			return nil, nil
		}
		return []string{pod.Status.PodIP}, nil
	}})
	if err != nil {
		return err
	}
	factory.Start(context.Background().Done())
	factory.WaitForCacheSync(context.Background().Done())
	listener, err := net.Listen("tcp4", ":"+strconv.Itoa(port))
	if err != nil {
		return err
	}
	log.Print("serving")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			if err := w.serve(connection); err != nil {
				log.Print(connection.LocalAddr(), ": ", err)
			}
		}()
	}
}

func (w world) serve(connection net.Conn) error {
	address := connection.LocalAddr().(*net.TCPAddr).IP.String()
	client := pgproto3.NewBackend(connection, connection)
	first, err := client.ReceiveStartupMessage()
	if err != nil {
		return err
	}
	if _, ok := first.(*pgproto3.SSLRequest); ok {
		if connection, err = w.encrypt(connection, address); err != nil {
			return err
		}
		client = pgproto3.NewBackend(connection, connection)
		if first, err = client.ReceiveStartupMessage(); err != nil {
			return err
		}
	}
	startup, ok := first.(*pgproto3.StartupMessage)
	if !ok {
		return fmt.Errorf("unexpected startup message %T", first)
	}
	user := startup.Parameters["user"]
	if err := w.authenticate(client, user, address); err != nil {
		client.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password authentication failed"})
		return errors.Join(err, client.Flush())
	}
	server, err := w.connect(startup.Parameters)
	if err != nil {
		return err
	}
	defer server.Conn.Close()
	client.Send(&pgproto3.AuthenticationOk{})
	for name, value := range server.ParameterStatuses {
		client.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	client.Send(&pgproto3.BackendKeyData{ProcessID: server.PID, SecretKey: server.SecretKey})
	client.Send(&pgproto3.ReadyForQuery{TxStatus: server.TxStatus})
	if err := client.Flush(); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(server.Conn, connection)
		_ = server.Conn.Close()
	}()
	_, _ = io.Copy(connection, server.Conn) // either side may close the connection at any time
	return nil
}

// Answers a request for TLS like the server at the address: with the certificate that its pod mounts, and without TLS if
// it mounts none. Like PostgreSQL up to 17, it agrees on keys with P-256 only and resumes no session.
func (w world) encrypt(connection net.Conn, address string) (net.Conn, error) {
	pod, err := w.pod(address)
	if err != nil {
		return nil, err
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.Name != certificateVolume {
			continue
		}
		secret, err := w.secret(pod.Namespace + "/" + volume.Secret.SecretName)
		if err != nil {
			return nil, err
		}
		certificate, err := tls.X509KeyPair(secret[corev1.TLSCertKey], secret[corev1.TLSPrivateKeyKey])
		if err != nil {
			return nil, err
		}
		_, err = connection.Write([]byte{'S'})
		return tls.Server(connection, &tls.Config{
			Certificates:           []tls.Certificate{certificate},
			CurvePreferences:       []tls.CurveID{tls.CurveP256},
			SessionTicketsDisabled: true,
		}), err
	}
	_, err = connection.Write([]byte{'N'})
	return connection, err
}

func (w world) authenticate(client *pgproto3.Backend, user, address string) error {
	server, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) {
		return w.credentials(address, user)
	})
	if err != nil {
		return err
	}
	conversation := server.NewConversation()
	client.Send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{"SCRAM-SHA-256"}})
	if err := client.Flush(); err != nil {
		return err
	}
	if err := client.SetAuthType(pgproto3.AuthTypeSASL); err != nil {
		return err
	}
	message, err := client.Receive()
	if err != nil {
		return err
	}
	initial, ok := message.(*pgproto3.SASLInitialResponse)
	if !ok {
		return fmt.Errorf("got %T instead of the initial SCRAM message", message)
	}
	answer, err := conversation.Step(string(initial.Data))
	if err != nil {
		return err
	}
	client.Send(&pgproto3.AuthenticationSASLContinue{Data: []byte(answer)})
	if err := client.Flush(); err != nil {
		return err
	}
	if err := client.SetAuthType(pgproto3.AuthTypeSASLContinue); err != nil {
		return err
	}
	message, err = client.Receive()
	if err != nil {
		return err
	}
	proof, ok := message.(*pgproto3.SASLResponse)
	if !ok {
		return fmt.Errorf("got %T instead of the final SCRAM message", message)
	}
	answer, err = conversation.Step(string(proof.Data))
	if err != nil {
		return err
	}
	client.Send(&pgproto3.AuthenticationSASLFinal{Data: []byte(answer)})
	return nil
}

// Returns the stored credentials of the role in the instance at the address.
func (w world) credentials(address, user string) (scram.StoredCredentials, error) {
	none := scram.StoredCredentials{}
	pod, err := w.pod(address)
	if err != nil {
		return none, err
	}
	secret, err := w.secret(pod.Namespace + "/" + pod.Labels[instanceLabel] + "-operator")
	if err != nil {
		return none, err
	}
	for _, found := range verifier.FindAllStringSubmatch(string(secret["roles.sql"]), -1) {
		if found[1] != user {
			continue
		}
		iterations, err := strconv.Atoi(found[2])
		if err != nil {
			return none, err
		}
		salt, err := base64.StdEncoding.DecodeString(found[3])
		if err != nil {
			return none, err
		}
		stored, err := base64.StdEncoding.DecodeString(found[4])
		if err != nil {
			return none, err
		}
		serverKey, err := base64.StdEncoding.DecodeString(found[5])
		return scram.StoredCredentials{
			KeyFactors: scram.KeyFactors{Salt: string(salt), Iters: iterations},
			StoredKey:  stored,
			ServerKey:  serverKey,
		}, err
	}
	return none, fmt.Errorf("%s has no verifier for role %s", pod.Name, user)
}

// Opens a session with the same parameters at the real server.
func (w world) connect(parameters map[string]string) (*pgconn.HijackedConn, error) {
	namespace, name, _ := strings.Cut(w.real, "/")
	object, exists, err := w.pods.GetStore().GetByKey(namespace + "/" + name + "-0")
	if err != nil || !exists {
		return nil, fmt.Errorf("%s has no pod: %w", w.real, err)
	}
	kind := "-app"
	if strings.HasPrefix(parameters["user"], "pgi_") {
		kind = "-operator"
	}
	secret, err := w.secret(w.real + kind)
	if err != nil {
		return nil, err
	}
	config, err := pgconn.ParseConfig(fmt.Sprintf("host=%s port=%d sslmode=disable", object.(*corev1.Pod).Status.PodIP, port))
	if err != nil {
		return nil, err
	}
	config.Password = string(secret["password"])
	config.RuntimeParams = map[string]string{}
	for name, value := range parameters {
		switch name {
		case "user":
			config.User = value
		case "database":
			config.Database = value
		default:
			config.RuntimeParams[name] = value
		}
	}
	connection, err := pgconn.ConnectConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	return connection.Hijack()
}

func (w world) pod(address string) (*corev1.Pod, error) {
	pods, err := w.pods.GetIndexer().ByIndex(byAddress, address)
	if err != nil || len(pods) == 0 {
		return nil, fmt.Errorf("no pod has this address: %w", err)
	}
	return pods[0].(*corev1.Pod), nil
}

func (w world) secret(key string) (map[string][]byte, error) {
	object, exists, err := w.secrets.GetStore().GetByKey(key)
	if err != nil || !exists {
		return nil, fmt.Errorf("there is no Secret %s: %w", key, err)
	}
	return object.(*corev1.Secret).Data, nil
}
