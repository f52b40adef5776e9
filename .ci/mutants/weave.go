package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// awake is the environment's variable that wakes a mutant; its number is its place in the list, from 1 on.
const awake = "ANTEROOM_MUTANT"

// sleeper is what each package gets beside its own files.
func sleeper(pkg string) string {
	return fmt.Sprintf("package %s\n\nimport \"os\"\n\nvar mutantAwake = os.Getenv(%q)\n", pkg, awake)
}

// weave puts mutants of one file into it, asleep: of each function that one changes there are then the
// original, the broken ones, and under the old name one that asks which is awake. So one build serves them all.
func weave(source, list string, mutants []*mutant) (woven, pkg string, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", "", err
	}
	changed := map[*ast.FuncDecl][]*mutant{}
	var added strings.Builder
	for _, m := range mutants {
		broken, at, err := m.apply(source)
		if err != nil {
			return "", "", err
		}
		f := around(file, at)
		if f == nil || f.Type.TypeParams != nil {
			return "", "", fmt.Errorf("%q: only what is inside a function that is not generic can be broken", m.name)
		}
		size := int(f.End()-f.Pos()) + len(m.is) - len(m.was)
		text := broken[f.Pos()-1:][:size]
		name := f.Name.End() - f.Pos()
		fmt.Fprintf(&added, "\n//line %s:%d\n%sMutant%d%s\n", list, m.line, text[:name], m.number, text[name:])
		changed[f] = append(changed[f], m)
	}
	inOrder := slices.SortedFunc(maps.Keys(changed), func(a, b *ast.FuncDecl) int { return int(b.Pos() - a.Pos()) })
	woven = source
	for _, f := range inOrder {
		added.WriteString(chooser(source, f, changed[f]))
		woven = woven[:f.Name.End()-1] + "Asleep" + woven[f.Name.End()-1:]
	}
	return woven + added.String(), file.Name.Name, nil
}

// around is the function that contains a place in the source, nil if none does.
func around(file *ast.File, at int) *ast.FuncDecl {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && int(f.Body.Pos()) <= at+1 && at+1 < int(f.End()) {
			return f
		}
	}
	return nil
}

// chooser is the function under the old name.
func chooser(source string, f *ast.FuncDecl, mutants []*mutant) string {
	text := func(n ast.Node) string { return source[n.Pos()-1 : n.End()-1] }
	receiver, call := "", f.Name.Name
	if f.Recv != nil {
		receiver, call = "(receiver "+text(f.Recv.List[0].Type)+") ", "receiver."+call
	}
	var takes, gives, results []string
	for i, p := range each(f.Type.Params) {
		takes = append(takes, fmt.Sprintf("p%d %s", i, text(p)))
		if _, many := p.(*ast.Ellipsis); many {
			gives = append(gives, fmt.Sprintf("p%d...", i))
		} else {
			gives = append(gives, fmt.Sprintf("p%d", i))
		}
	}
	for _, r := range each(f.Type.Results) {
		results = append(results, text(r))
	}
	say := "%s%s(%s)\n\t\treturn\n"
	if len(results) > 0 {
		say = "return %s%s(%s)\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nfunc %s%s(%s) (%s) {\n\tswitch mutantAwake {\n", receiver, f.Name.Name, strings.Join(takes, ", "), strings.Join(results, ", "))
	for _, m := range mutants {
		fmt.Fprintf(&b, "\tcase \"%d\":\n\t\t"+say, m.number, call, fmt.Sprintf("Mutant%d", m.number), strings.Join(gives, ", "))
	}
	fmt.Fprintf(&b, "\tdefault:\n\t\t"+say+"\t}\n}\n", call, "Asleep", strings.Join(gives, ", "))
	return b.String()
}

// each gives the types of parameters or results, one for each.
func each(list *ast.FieldList) (types []ast.Expr) {
	if list == nil {
		return nil
	}
	for _, field := range list.List {
		for range max(1, len(field.Names)) {
			types = append(types, field.Type)
		}
	}
	return types
}
