// gitops-health reads an object as JSON and prints the health that a GitOps tool computes for it: one word, and the message
// if there is one. It uses the same libraries as the tools themselves.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	kustomizev1 "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/runtime/cel"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	luajson "layeh.com/gopher-json"
	"sigs.k8s.io/yaml"
)

const usage = `usage: gitops-health kstatus                 the kstatus result, which Flux and other tools wait for
       gitops-health argocd health.lua       the result of the Argo CD health check in that file
       gitops-health flux kustomization.yaml the result of the healthCheckExprs of that Kustomization`

// The time limit of Argo CD for a script.
const patience = time.Second

type answer struct {
	Word    string `json:"status"`
	Message string `json:"message"`
}

func main() {
	said, err := run(os.Args[1:], os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gitops-health:", err)
		os.Exit(1)
	}
	fmt.Println(said.Word, said.Message)
}

func run(arguments []string, in io.Reader) (answer, error) {
	object := &unstructured.Unstructured{}
	switch {
	case len(arguments) == 1 && arguments[0] == "kstatus":
		if err := read(in, object); err != nil {
			return answer{}, err
		}
		return kstatus(object)
	case len(arguments) == 2 && (arguments[0] == "argocd" || arguments[0] == "flux"):
		file, err := os.ReadFile(arguments[1])
		if err != nil {
			return answer{}, err
		}
		if err := read(in, object); err != nil {
			return answer{}, err
		}
		if arguments[0] == "argocd" {
			return argocd(object, string(file))
		}
		return flux(object, file)
	}
	return answer{}, errors.New(usage)
}

// Uses UnmarshalJSON of the object, because a plain decoder turns integers into floating-point numbers.
func read(in io.Reader, object *unstructured.Unstructured) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	return object.UnmarshalJSON(text)
}

func kstatus(object *unstructured.Unstructured) (answer, error) {
	result, err := status.Compute(object)
	if err != nil {
		return answer{}, err
	}
	return answer{result.Status.String(), result.Message}, nil
}

func argocd(object *unstructured.Unstructured, script string) (answer, error) {
	// Argo CD runs no script for an object that is being deleted.
	if object.GetDeletionTimestamp() != nil {
		return answer{"Progressing", "is being deleted"}, nil
	}
	returned, err := runLua(object, script)
	if err != nil {
		return answer{}, err
	}
	said := answer{}
	if err := json.Unmarshal(returned, &said); err != nil {
		return answer{}, err
	}
	switch said.Word {
	case "Healthy", "Progressing", "Degraded", "Suspended":
		return said, nil
	}
	return answer{}, fmt.Errorf("the script returned %q, which is not a valid health status", said.Word)
}

// Opens only the Lua libraries that Argo CD opens by default; the string library, for example, is not one of them.
func runLua(object *unstructured.Unstructured, script string) ([]byte, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	state.SetContext(limit)
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		state.Push(state.NewFunction(open))
		state.Push(lua.LString(name))
		state.Call(1, 0)
	}
	text, err := object.MarshalJSON()
	if err != nil {
		return nil, err
	}
	value, err := luajson.Decode(state, text)
	if err != nil {
		return nil, err
	}
	state.SetGlobal("obj", value)
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	return luajson.Encode(state.Get(-1))
}

// Parses strictly, so that a field unknown to Flux is an error here. If an expression cannot be evaluated, Flux waits until
// its timeout, as for an object in progress.
func flux(object *unstructured.Unstructured, file []byte) (answer, error) {
	kustomization := &kustomizev1.Kustomization{}
	if err := yaml.UnmarshalStrict(file, kustomization); err != nil {
		return answer{}, err
	}
	kind := object.GroupVersionKind().GroupKind()
	for _, check := range kustomization.Spec.HealthCheckExprs {
		if schema.FromAPIVersionAndKind(check.APIVersion, check.Kind).GroupKind() != kind {
			continue
		}
		evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
		if err != nil {
			return answer{}, err
		}
		result, err := evaluator.Evaluate(context.Background(), object)
		if err != nil {
			return answer{"Unknown", err.Error()}, nil
		}
		return answer{result.Status.String(), result.Message}, nil
	}
	return kstatus(object) // as Flux does for a kind without expressions
}
