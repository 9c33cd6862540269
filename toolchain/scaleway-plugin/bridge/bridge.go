// Package bridge says which parts of Scaleway's Terraform provider the plugin serves, and what they are in Pulumi.
package bridge

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/scaleway/terraform-provider-scaleway/v2/provider"
)

// The longest name that Pulumi makes up, and what stands between a resource's name and the random end of it.
const (
	longestName   = 255
	nameSeparator = "-"
)

// What Terraform calls it, and the module and class that it is in Python.
var resources = map[string]string{
	"scaleway_domain_record":       "domain/Record",
	"scaleway_ipam_ip":             "ipam/Ip",
	"scaleway_lb":                  "loadbalancers/LoadBalancer",
	"scaleway_lb_acl":              "loadbalancers/Acl",
	"scaleway_lb_backend":          "loadbalancers/Backend",
	"scaleway_lb_certificate":      "loadbalancers/Certificate",
	"scaleway_lb_frontend":         "loadbalancers/Frontend",
	"scaleway_lb_ip":               "loadbalancers/Ip",
	"scaleway_lb_private_network":  "loadbalancers/PrivateNetwork",
	"scaleway_lb_route":            "loadbalancers/Route",
	"scaleway_vpc":                 "network/Vpc",
	"scaleway_vpc_private_network": "network/PrivateNetwork",
}

// What Terraform calls it, and the module and function that it is in Python.
var dataSources = map[string]string{
	"scaleway_domain_record":       "domain/getRecord",
	"scaleway_ipam_ip":             "ipam/getIp",
	"scaleway_ipam_ips":            "ipam/getIps",
	"scaleway_lb":                  "loadbalancers/getLoadBalancer",
	"scaleway_lb_acls":             "loadbalancers/getAcls",
	"scaleway_lb_backend":          "loadbalancers/getBackend",
	"scaleway_lb_backends":         "loadbalancers/getBackends",
	"scaleway_lb_certificate":      "loadbalancers/getCertificate",
	"scaleway_lb_frontend":         "loadbalancers/getFrontend",
	"scaleway_lb_frontends":        "loadbalancers/getFrontends",
	"scaleway_lb_ip":               "loadbalancers/getIp",
	"scaleway_lb_ips":              "loadbalancers/getIps",
	"scaleway_lb_route":            "loadbalancers/getRoute",
	"scaleway_lb_routes":           "loadbalancers/getRoutes",
	"scaleway_lbs":                 "loadbalancers/getLoadBalancers",
	"scaleway_vpc":                 "network/getVpc",
	"scaleway_vpc_private_network": "network/getPrivateNetwork",
	"scaleway_vpcs":                "network/getVpcs",
}

// The environment variables that stand in for a setting which a program leaves out, and the settings that are secret.
var (
	variables = map[string]string{
		"access_key":      "SCW_ACCESS_KEY",
		"secret_key":      "SCW_SECRET_KEY",
		"organization_id": "SCW_ORGANIZATION_ID",
		"project_id":      "SCW_DEFAULT_PROJECT_ID",
		"region":          "SCW_DEFAULT_REGION",
		"zone":            "SCW_DEFAULT_ZONE",
	}
	secrets = map[string]bool{"access_key": true, "secret_key": true}
)

// token makes `scaleway:loadbalancers/backend:Backend` of `loadbalancers/Backend`.
func token(place string) string {
	module, name, _ := strings.Cut(place, "/")
	return "scaleway:" + module + "/" + strings.ToLower(name[:1]) + name[1:] + ":" + name
}

// only removes from what the provider offers all that `wanted` does not name.
func only[T any](offered map[string]T, wanted map[string]string) error {
	for name := range offered {
		if _, kept := wanted[name]; !kept {
			delete(offered, name)
		}
	}
	for name := range wanted {
		if _, there := offered[name]; !there {
			return fmt.Errorf("the Terraform provider has no %s any more", name)
		}
	}
	return nil
}

// Info says how Scaleway's Terraform provider looks in Pulumi, as this version of the Python package expects it.
func Info(version string) (tfbridge.ProviderInfo, error) {
	upstream := provider.SDKProvider(nil)()
	if err := errors.Join(only(upstream.ResourcesMap, resources), only(upstream.DataSourcesMap, dataSources)); err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	if err := addHost(upstream); err != nil {
		return tfbridge.ProviderInfo{}, err
	}
	info := tfbridge.ProviderInfo{
		P:            sdkv2.NewProvider(upstream),
		Name:         "scaleway",
		Version:      version,
		Config:       map[string]*tfbridge.SchemaInfo{},
		Resources:    map[string]*tfbridge.ResourceInfo{},
		DataSources:  map[string]*tfbridge.DataSourceInfo{},
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	for name, variable := range variables {
		setting := &tfbridge.SchemaInfo{Default: &tfbridge.DefaultInfo{EnvVars: []string{variable}}}
		if secrets[name] {
			setting.Secret = tfbridge.True()
		}
		info.Config[name] = setting
	}
	for name, place := range resources {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tokens.Type(token(place))}
	}
	for name, place := range dataSources {
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(token(place))}
	}
	info.SetAutonaming(longestName, nameSeparator)
	return info, nil
}
