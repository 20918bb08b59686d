package diff

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/internal/test/world"
)

// asker makes queries at random from the schema: every field, argument and type
// that it has or ever gets is asked for.
type asker struct {
	*rand.Rand
	schema *ast.Schema
	world  *world.World
	seen   map[string][]string // ids and cursors that earlier answers gave, by name of the argument that takes them
	fields map[string]int      // how often each field was asked for
}

// unlike are fields that differ between two loads of the same data.
var unlike = []string{"Dataset.loadedAt"}

func newAsker(seed uint64, schema *ast.Schema, w *world.World) *asker {
	return &asker{Rand: rand.New(rand.NewPCG(seed, 1)), schema: schema, world: w, seen: map[string][]string{}, fields: map[string]int{}}
}

// query asks for one root field.
func (a *asker) query(root *ast.FieldDefinition) string {
	return "{" + a.field("Query", root, 4+a.IntN(3)) + "}"
}

// all asks for all that a type holds which takes no argument.
func (a *asker) all(def *ast.Definition, depth int) string {
	fields := []string{"__typename"}
	for _, f := range def.Fields {
		inner := a.schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || slices.Contains(unlike, def.Name+"."+f.Name) || len(f.Arguments) > 0 || depth == 0 && inner.IsCompositeType() {
			continue
		}
		a.fields[def.Name+"."+f.Name]++
		text := f.Name
		if inner.IsCompositeType() {
			text += a.all(inner, depth-1)
		}
		fields = append(fields, text)
	}
	return "{" + strings.Join(fields, " ") + "}"
}

func (a *asker) field(owner string, f *ast.FieldDefinition, depth int) string {
	a.fields[owner+"."+f.Name]++
	text := f.Name + a.arguments(f.Arguments)
	def := a.schema.Types[f.Type.Name()]
	if def.IsCompositeType() {
		text += a.selection(def, depth-1)
	}
	return text
}

// selection asks for some fields of a type, and for all that tell things apart.
func (a *asker) selection(def *ast.Definition, depth int) string {
	fields := []string{"__typename"}
	for _, f := range def.Fields {
		inner := a.schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || slices.Contains(unlike, def.Name+"."+f.Name) {
			continue
		}
		leaf := !inner.IsCompositeType()
		if leaf && a.IntN(3) > 0 || !leaf && depth > 0 && (len(def.Fields) < 5 || a.IntN(4) == 0) {
			fields = append(fields, a.field(def.Name, f, depth))
		}
	}
	if def.IsAbstractType() {
		for _, possible := range a.schema.GetPossibleTypes(def) {
			if depth > 0 && a.IntN(2) == 0 {
				// Two types may have a field of one name with other arguments.
				fields = append(fields, "... on "+possible.Name+"{"+strings.ToLower(possible.Name)+"_id:id "+a.aliased(possible, depth)+"}")
			}
		}
	}
	return "{" + strings.Join(fields, " ") + "}"
}

func (a *asker) aliased(def *ast.Definition, depth int) string {
	var fields []string
	for i, f := range def.Fields {
		if a.IntN(3) == 0 && (depth > 1 || !a.schema.Types[f.Type.Name()].IsCompositeType()) {
			fields = append(fields, fmt.Sprintf("%s%d:%s", strings.ToLower(def.Name), i, a.field(def.Name, f, depth-1)))
		}
	}
	return strings.Join(fields, " ")
}

func (a *asker) arguments(defs ast.ArgumentDefinitionList) string {
	var args []string
	for _, d := range defs {
		if d.Type.NonNull || a.IntN(2) == 0 {
			if v := a.value(d.Name, d.Type, 2); v != "" {
				args = append(args, d.Name+":"+v)
			}
		}
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ",") + ")"
}

// value gives an argument or a field of an input a value, mostly a sensible one.
func (a *asker) value(name string, t *ast.Type, depth int) string {
	if t.Elem != nil {
		items := make([]string, a.IntN(3))
		if t.NonNull {
			items = make([]string, 1+a.IntN(3))
		}
		for i := range items {
			items[i] = a.value(name, t.Elem, depth)
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	def := a.schema.Types[t.Name()]
	switch {
	case def.Kind == ast.Enum:
		return def.EnumValues[a.IntN(len(def.EnumValues))].Name
	case def.Kind == ast.InputObject:
		var fields []string
		for _, f := range def.Fields {
			if f.Type.NonNull || depth > 0 && a.IntN(3) == 0 {
				fields = append(fields, f.Name+":"+a.value(f.Name, f.Type, depth-1))
			}
		}
		return "{" + strings.Join(fields, ",") + "}"
	case t.Name() == "Boolean":
		return strconv.FormatBool(a.IntN(2) == 0)
	case t.Name() == "Int":
		return strconv.Itoa(a.IntN(7))
	case t.Name() == "JSON":
		return fmt.Sprintf(`{techniques:[{techniqueID:%q,score:1},{techniqueID:%q,score:0}]}`, a.text("techniques"), a.text("techniques"))
	}
	return strconv.Quote(a.text(name))
}

// text gives a text that an argument of the name could take; now and then one
// that nothing answers to.
func (a *asker) text(name string) string {
	if a.IntN(25) == 0 {
		return "nothing"
	}
	w := a.world
	switch name {
	case "id", "ids", "after":
		if known := a.seen[name]; len(known) > 0 && a.IntN(3) > 0 {
			return known[a.IntN(len(known))]
		}
		if name == "after" {
			return "nonsense"
		}
		return a.of(w.Frameworks)
	case "framework", "frameworks":
		return a.of(w.Frameworks)
	case "attackVersion":
		return a.of([]string{"9.0", "14.1", "16.1"})
	case "attackId":
		return a.of([]string{a.of(w.Techniques), fmt.Sprintf("%c%04d", 'B'+a.IntN(4), a.IntN(5)), world.Words[0]})
	case "techniques":
		return a.of(w.Techniques)
	case "sets":
		return w.Dataset.Sets[a.IntN(len(w.Dataset.Sets))].Key.String()
	case "tactics":
		return a.of([]string{"stealth", "ACCESS", "TA0007"})
	case "platforms":
		return a.of([]string{"linux", "IaaS"})
	case "groups", "software", "campaigns":
		return fmt.Sprintf("%c%04d", 'B'+a.IntN(3), a.IntN(5))
	case "capabilityId", "cve", "verisId":
		return w.Capability(a.of(w.Frameworks))
	case "tier":
		return a.of([]string{"E3", "e5"})
	case "name":
		return a.of([]string{"LOW", "high"})
	case "capabilityGroups", "group":
		return a.of([]string{"g1", "g2"})
	case "text":
		return a.searchText()
	}
	return world.Words[a.IntN(len(world.Words))]
}

// searchText is what people type: words, their beginnings, ids, quotes.
func (a *asker) searchText() string {
	parts := make([]string, 1+a.IntN(3))
	for i := range parts {
		word := world.Words[a.IntN(len(world.Words))]
		switch a.IntN(6) {
		case 0:
			runes := []rune(word)
			word = string(runes[:1+a.IntN(len(runes))])
		case 1:
			word = a.of(a.world.Techniques)
		case 2:
			word = a.world.Capability(a.of(a.world.Frameworks))
		case 3:
			word = `"` + word + `"`
		}
		if a.IntN(8) == 0 {
			word += a.of([]string{"(1)", ".2", "/3", " (4)"})
		}
		parts[i] = word
	}
	return strings.Join(parts, a.of([]string{" ", "-"}))
}

func (a *asker) of(list []string) string { return list[a.IntN(len(list))] }

// learn remembers ids and cursors of an answer, for later questions.
func (a *asker) learn(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if s, ok := v[name].(string); ok {
				switch {
				case name == "id" || strings.HasSuffix(name, "_id"):
					a.remember("id", s)
					a.remember("ids", s)
				case name == "endCursor" || name == "cursor":
					a.remember("after", s)
				}
			}
			a.learn(v[name])
		}
	case []any:
		for _, item := range v {
			a.learn(item)
		}
	}
}

func (a *asker) remember(name, value string) {
	if list := a.seen[name]; len(list) < 500 {
		a.seen[name] = append(list, value)
	} else {
		list[a.IntN(len(list))] = value
	}
}
