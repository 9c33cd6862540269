// The Pulumi plugin `scaleway`, as far as load balancers need it: Scaleway's Terraform provider behind Pulumi's bridge,
// under the tokens and with the names of properties that the Python package pulumiverse_scaleway uses.
package main

import (
	_ "embed"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"lbpatterns/toolchain/scaleway-plugin/bridge"
)

// The linker sets it to the version of the Python package: that is the version which programs ask the engine for.
var version = "0.0.0"

// What the program in schema/ wrote before this one is compiled: Pulumi checks settings against it.
//
//go:embed schema.json
var schema []byte

func main() {
	info, err := bridge.Info(version)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-scaleway:", err)
		os.Exit(1)
	}
	tfbridge.Main(info.Name, version, info, schema)
}
