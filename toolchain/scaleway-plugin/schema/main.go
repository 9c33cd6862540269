// Writes the schema of the plugin: `schema VERSION FILE`. It is no part of the plugin, because the generator reads the
// Pulumi project that lies around the current directory, and what is wrong with that would end every start.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"

	"lbpatterns/toolchain/scaleway-plugin/bridge"
)

func write(version, file string) error {
	info, err := bridge.Info(version)
	if err != nil {
		return err
	}
	sink := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never})
	generated, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo:    info,
		DiagnosticsSink: sink,
		XInMemoryDocs:   true, // Terraform's documentation is not at hand
	})
	if err != nil {
		return err
	}
	text, err := json.Marshal(generated.PackageSpec)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: schema VERSION FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}
