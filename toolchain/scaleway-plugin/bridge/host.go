package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
)

// The property `host` of a backend: Scaleway's API and the Python package have it, the Terraform provider that go.mod
// names has it not. It goes into the requests that create and change a backend, and is read from every answer with one.
// This file goes as soon as a provider that has the property can be fetched.

const host = "host"

var (
	backends   = regexp.MustCompile(`/lbs/[^/]+/backends$`)
	oneBackend = regexp.MustCompile(`/zones/[^/]+/backends/[^/]+$`)
)

// hostOfBackend holds the host that the program declares, and the one that Scaleway told last.
type hostOfBackend struct{ declared, seen string }

type hostKey struct{}

// addHost gives the resource `scaleway_lb_backend` its property `host`.
func addHost(upstream *schema.Provider) error {
	backend := upstream.ResourcesMap["scaleway_lb_backend"]
	properties := backend.SchemaFunc
	if properties == nil {
		return errors.New("scaleway_lb_backend declares its properties in another way than before")
	}
	if _, there := properties()[host]; there {
		return fmt.Errorf("scaleway_lb_backend has a %s of its own: delete bridge/host.go", host)
	}
	backend.SchemaFunc = func() map[string]*schema.Schema {
		all := properties()
		all[host] = &schema.Schema{
			Type:        schema.TypeString,
			Optional:    true,
			Description: "The Host header and the TLS server name towards the servers",
		}
		return all
	}
	backend.CreateContext = knowingHost(backend.CreateContext)
	backend.ReadContext = knowingHost(backend.ReadContext)
	backend.UpdateContext = knowingHost(backend.UpdateContext)
	configure := upstream.ConfigureContextFunc
	upstream.ConfigureContextFunc = func(ctx context.Context, settings *schema.ResourceData) (any, diag.Diagnostics) {
		configured, told := configure(ctx, settings)
		if owner, ok := configured.(interface{ HTTPClient() *http.Client }); ok && !told.HasError() {
			client := owner.HTTPClient()
			client.Transport = hostTransport{client.Transport}
		}
		return configured, told
	}
	return nil
}

// knowingHost lets the requests of an operation know the backend's host, and the state what came back.
func knowingHost[Operation ~func(context.Context, *schema.ResourceData, any) diag.Diagnostics](of Operation) Operation {
	return func(ctx context.Context, data *schema.ResourceData, configured any) diag.Diagnostics {
		known := &hostOfBackend{declared: data.Get(host).(string)}
		told := of(context.WithValue(ctx, hostKey{}, known), data, configured)
		if data.Id() == "" || told.HasError() {
			return told
		}
		return append(told, diag.FromErr(data.Set(host, known.seen))...)
	}
}

// hostTransport puts the host into what is sent for a backend, and takes it from what is answered.
type hostTransport struct{ next http.RoundTripper }

func (transport hostTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	known, ok := request.Context().Value(hostKey{}).(*hostOfBackend)
	one := oneBackend.MatchString(request.URL.Path)
	creates := request.Method == http.MethodPost && backends.MatchString(request.URL.Path)
	if !ok || !one && !creates {
		return transport.next.RoundTrip(request)
	}
	if known.declared != "" && (creates || request.Method == http.MethodPut) {
		var err error
		if request, err = withHost(request, known.declared); err != nil {
			return nil, err
		}
	}
	response, err := transport.next.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	known.seen, err = hostIn(response)
	return response, err
}

// withHost is the same request with one property more.
func withHost(request *http.Request, name string) (*http.Request, error) {
	defer request.Body.Close()
	words := map[string]json.RawMessage{}
	if err := json.NewDecoder(request.Body).Decode(&words); err != nil {
		return nil, err
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return nil, err
	}
	words[host] = quoted
	text, err := json.Marshal(words)
	if err != nil {
		return nil, err
	}
	changed := request.Clone(request.Context())
	changed.Body = io.NopCloser(bytes.NewReader(text))
	changed.ContentLength = int64(len(text))
	return changed, nil
}

// hostIn reads the host of the backend that was answered, and leaves the answer to be read again.
func hostIn(response *http.Response) (string, error) {
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(text))
	if err != nil {
		return "", err
	}
	var backend struct{ Host string }
	if err := json.Unmarshal(text, &backend); err != nil {
		return "", nil // not a backend: the provider itself says so
	}
	return backend.Host, nil
}
