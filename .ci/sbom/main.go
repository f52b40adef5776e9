// Command sbom lists what the controller's binary is made of, as CycloneDX: the Go modules that the binary
// says itself, the packages whose modules the console's bundle contains, and the fonts.
package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	f := flag.NewFlagSet("sbom", flag.ContinueOnError)
	f.SetOutput(stderr)
	binary := f.String("binary", "bin/controller", "the controller")
	web := f.String("web", "controller/console/web", "the console's sources, with node_modules")
	fonts := f.String("fonts", ".ci/fonts.sh", "what fetches the fonts")
	version := f.String("version", "", "of the controller")
	at := f.Int64("at", 0, "Unix time of the sources")
	if f.Parse(args) != nil {
		return 2
	}
	b, err := list(*binary, *web, *fonts, *version, time.Unix(*at, 0).UTC())
	if err == nil {
		_, err = stdout.Write(b)
	}
	if err != nil {
		fmt.Fprintln(stderr, "sbom:", err)
		return 1
	}
	return 0
}

// bom is a CycloneDX 1.5 document, as far as it is used.
type bom struct {
	Format      string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type     string    `json:"type"`
	Name     string    `json:"name"`
	Version  string    `json:"version,omitempty"`
	PURL     string    `json:"purl,omitempty"`
	Licences []licence `json:"licenses,omitempty"`
	Hashes   []sum     `json:"hashes,omitempty"`
}

type licence struct {
	Expression string `json:"expression"`
}

type sum struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// list makes the whole document; the same inputs give the same bytes.
func list(binary, web, fonts, version string, at time.Time) ([]byte, error) {
	modules, err := goModules(binary)
	if err != nil {
		return nil, err
	}
	packages, err := consolePackages(web)
	if err != nil {
		return nil, err
	}
	script, err := os.ReadFile(fonts)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(modules, packages, fontPackages(script))
	slices.SortFunc(all, func(a, b component) int { return cmp.Compare(a.PURL, b.PURL) })
	all = slices.CompactFunc(all, func(a, b component) bool { return a.PURL == b.PURL })
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err = enc.Encode(bom{
		Format: "CycloneDX", SpecVersion: "1.5", Version: 1, Components: all,
		Metadata: metadata{Timestamp: at.Format(time.RFC3339), Component: component{Type: "application", Name: "anteroom-controller", Version: version}},
	})
	return out.Bytes(), err
}

// goModules are those that a binary was built from, with the standard library.
func goModules(binary string) ([]component, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	version := strings.TrimPrefix(info.GoVersion, "go")
	all := []component{{Type: "library", Name: "std", Version: version, PURL: "pkg:golang/std@" + version}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, component{
			Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + strings.ToLower(m.Path) + "@" + m.Version, Hashes: goSum(m.Sum),
		})
	}
	return all, nil
}

// goSum is a module's hash as go.sum has it, "h1:" and base64.
func goSum(h1 string) []sum {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h1, "h1:"))
	if err != nil || len(b) == 0 {
		return nil
	}
	return []sum{{"SHA-256", hex.EncodeToString(b)}}
}

// lock is the console's package-lock.json, as far as it is used.
type lock struct {
	Packages map[string]struct {
		Version   string `json:"version"`
		Licence   string `json:"license"`
		Integrity string `json:"integrity"`
	} `json:"packages"`
}

// consolePackages bundles the console once more, with maps that say which files went into it.
func consolePackages(web string) ([]component, error) {
	b, err := os.ReadFile(filepath.Join(web, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var l lock
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, fmt.Errorf("reading package-lock.json: %w", err)
	}
	sources, err := bundled(web)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, s := range sources {
		if name := packageOf(s); name != "" {
			found[name] = true
		}
	}
	var all []component
	for name := range found {
		p, ok := l.Packages["node_modules/"+name]
		if !ok {
			return nil, fmt.Errorf("the bundle contains %s, and package-lock.json does not", name)
		}
		all = append(all, npm(name, p.Version, p.Licence, integrity(p.Integrity)))
	}
	return all, nil
}

// bundled lists the files that the bundle is made of.
func bundled(web string) (sources []string, err error) {
	out, err := os.MkdirTemp("", "sbom")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(out)) }()
	build := exec.Command("node", "node_modules/vite/bin/vite.js", "build", "--sourcemap", "hidden", "--outDir", out, "--logLevel", "error")
	build.Dir = web
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("bundling the console: %w: %s", err, said)
	}
	maps, err := filepath.Glob(filepath.Join(out, "assets", "*.map"))
	if err != nil || len(maps) == 0 {
		return nil, fmt.Errorf("the bundle has no maps: %w", err)
	}
	for _, path := range maps {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var m struct {
			Sources []string `json:"sources"`
		}
		if err := json.Unmarshal(b, &m); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		sources = append(sources, m.Sources...)
	}
	styles, err := styled(web)
	return append(sources, styles...), err
}

// styled lists packages whose styles and letters the sources import: maps do not speak of them.
func styled(web string) (sources []string, err error) {
	imported := regexp.MustCompile(`(?:import|from)\s+['"](@fontsource[^'"/]*/[^'"/]+)`)
	err = filepath.WalkDir(filepath.Join(web, "src"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range imported.FindAllSubmatch(b, -1) {
			sources = append(sources, "node_modules/"+string(m[1])+"/index.css")
		}
		return err
	})
	return sources, err
}

// packageOf is the package that a file belongs to, empty for our own.
func packageOf(source string) string {
	_, rest, ok := strings.Cut(source, "node_modules/")
	if i := strings.LastIndex(rest, "node_modules/"); i >= 0 {
		rest = rest[i+len("node_modules/"):]
	}
	parts := strings.SplitN(rest, "/", 3)
	switch {
	case !ok || len(parts) < 2:
		return ""
	case strings.HasPrefix(rest, "@") && len(parts) == 3:
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

func npm(name, version, expression string, hashes []sum) component {
	c := component{Type: "library", Name: name, Version: version, Hashes: hashes, PURL: "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + version}
	if expression != "" {
		c.Licences = []licence{{expression}}
	}
	return c
}

// integrity is a package's hash as package-lock.json has it, "sha512-" and base64.
func integrity(sri string) []sum {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sri, "sha512-"))
	if err != nil || !strings.HasPrefix(sri, "sha512-") {
		return nil
	}
	return []sum{{"SHA-512", hex.EncodeToString(b)}}
}

// fontPackages are those that the script fetches: lines of "fetch package@version SHA-256".
func fontPackages(script []byte) (all []component) {
	for _, m := range regexp.MustCompile(`(?m)^\s*fetch (@?[^@\s]+)@(\S+) ([0-9a-f]{64})`).FindAllSubmatch(script, -1) {
		all = append(all, npm(string(m[1]), string(m[2]), "OFL-1.1", []sum{{"SHA-256", string(m[3])}}))
	}
	return all
}
