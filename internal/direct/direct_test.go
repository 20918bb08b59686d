package direct_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mapgraph/mapgraph/internal/budget"
	"github.com/mapgraph/mapgraph/internal/direct"
)

// The schema of a zoo, and what a generator would write for it.
var zoo = gqlparser.MustLoadSchema(&ast.Source{Input: `
type Query {
  keeper(name: String = "Ada"): Keeper
  animals(first: Int, kinds: [Kind!]): [Animal!]!
  things: [Thing!]!
  broken: String!
  nothing: String!
  panics: Int
  later(n: Int!): [Keeper!]!
  closed: Int
}
interface Animal { name: String! }
union Thing = Keeper | Cat
type Keeper { name: String! age: Int ratio: Float cats: [Cat!]! story: String }
type Cat implements Animal { name: String! keeper: Keeper kind: Kind! }
type Dog implements Animal { name: String! }
enum Kind { CAT DOG }
directive @shout on FIELD
`})

type (
	keeper struct {
		name  string
		age   *int
		ratio float64
		cats  []*cat
	}
	cat struct {
		name   string
		keeper *keeper
	}
	dog struct{ name string }
	// root is what Writer.Root gives.
	root struct {
		told    int // how many stories were fetched
		fetches int
	}
)

var errBroken = errors.New("broken")

func source() *direct.Source {
	stories := direct.NewBatch(func(ctx context.Context, list []*keeper) ([]*string, error) {
		r := ctx.Value(rootKey{}).(*root)
		r.fetches++
		var out []*string
		for _, k := range list {
			r.told++
			if k.name == "mute" {
				out = append(out, nil)
				continue
			}
			story := "the story of \"" + k.name + "\""
			out = append(out, &story)
		}
		return out, nil
	}, func(w *direct.Writer, v *string) { direct.OptLeaf(w, v, (*direct.Writer).String) })
	var writeCat func(*direct.Writer, *direct.Selection, *cat)
	writeKeeper := func(w *direct.Writer, sel *direct.Selection, k *keeper) {
		w.Open(sel)
		for i := range sel.Fields {
			f := &sel.Fields[i]
			switch w.Key(f) {
			case 0:
				w.String(k.name)
			case 1:
				direct.OptLeaf(w, k.age, (*direct.Writer).Int)
			case 2:
				w.Float(k.ratio)
			case 3:
				direct.List(w, f.Sel, k.cats, writeCat)
			case 4:
				direct.Later(w, stories, k)
			}
		}
		w.Close()
	}
	writeCat = func(w *direct.Writer, sel *direct.Selection, c *cat) {
		w.Open(sel)
		for i := range sel.Fields {
			f := &sel.Fields[i]
			switch w.Key(f) {
			case 0:
				w.String(c.name)
			case 1:
				direct.Opt(w, f.Sel, c.keeper, writeKeeper)
			case 2:
				w.Name("CAT")
			}
		}
		w.Close()
	}
	writeDog := func(w *direct.Writer, sel *direct.Selection, d *dog) {
		w.Open(sel)
		for i := range sel.Fields {
			if w.Key(&sel.Fields[i]) == 0 {
				w.String(d.name)
			}
		}
		w.Close()
	}
	writeAnimal := func(w *direct.Writer, sel *direct.Selection, v any) {
		switch v := v.(type) {
		case *cat:
			writeCat(w, sel.Of[0], v)
		case *dog:
			writeDog(w, sel.Of[1], v)
		}
	}
	writeThing := func(w *direct.Writer, sel *direct.Selection, v any) {
		switch v := v.(type) {
		case *keeper:
			writeKeeper(w, sel.Of[0], v)
		case *cat:
			writeCat(w, sel.Of[1], v)
		}
	}
	return &direct.Source{
		Schema: zoo,
		Objects: []direct.Object{
			{Name: "Query", Satisfies: []string{"Query"}, Fields: "keeper animals things broken nothing panics later"},
			{Name: "Keeper", Satisfies: []string{"Keeper", "Thing"}, Fields: "name age ratio cats story"},
			{Name: "Cat", Satisfies: []string{"Cat", "Animal", "Thing"}, Fields: "name keeper kind"},
			{Name: "Dog", Satisfies: []string{"Dog", "Animal"}, Fields: "name"},
		},
		Abstracts: []direct.Abstract{{Name: "Animal", Objects: "Cat Dog"}, {Name: "Thing", Objects: "Keeper Cat"}},
		Args: func(_ context.Context, key string, raw map[string]any) (map[string]any, error) {
			if key == "Query.keeper" && raw["name"] == "nobody may ask" {
				return nil, errBroken
			}
			args := map[string]any{}
			for name, v := range raw {
				switch v := v.(type) {
				case int64:
					args[name] = int(v)
				default:
					args[name] = v
				}
			}
			return args, nil
		},
		Query: func(w *direct.Writer, sel *direct.Selection) {
			w.Open(sel)
			for i := range sel.Fields {
				f := &sel.Fields[i]
				switch w.Key(f) {
				case 0:
					direct.Opt(w, f.Sel, keeperNamed(direct.Arg[string](w, f, 0)), writeKeeper)
				case 1:
					animals := []any{&cat{name: "Tom"}, &dog{name: "Rex"}, &cat{name: "Kit", keeper: keeperNamed("Ada")}}
					if n := direct.Arg[int](w, f, 0); n > 0 {
						animals = animals[:min(n, len(animals))]
					}
					direct.Each(w, f.Sel, animals, writeAnimal)
				case 2:
					direct.Each(w, f.Sel, []any{keeperNamed("Bob"), &cat{name: "Tom"}}, writeThing)
				case 3:
					w.String(direct.Ok("", errBroken))
				case 4:
					w.Missing()
				case 5:
					panic("unforeseen")
				case 6:
					list := make([]*keeper, direct.Arg[int](w, f, 0))
					for i := range list {
						list[i] = keeperNamed([]string{"Ada", "mute", "Bob"}[i%3])
					}
					direct.List(w, f.Sel, list, writeKeeper)
				}
			}
			w.Close()
		},
	}
}

func keeperNamed(name string) *keeper {
	switch name {
	case "", "nobody":
		return nil
	case "infinite":
		return &keeper{name: name, ratio: math.Inf(1)}
	}
	age := len(name)
	return &keeper{name: name, age: &age, ratio: 0.5, cats: []*cat{{name: "Tom"}, {name: "K\"it\n"}}}
}

type rootKey struct{}

// executor stands for gqlgen's: it says that it was asked.
type executor struct{ graphql.ExecutableSchema }

func (executor) Schema() *ast.Schema { return zoo }

func (executor) Exec(context.Context) graphql.ResponseHandler {
	return graphql.OneShot(&graphql.Response{Data: []byte(`"by the executor"`)})
}

// run answers a query as a server would, and tells why it was left to the executor.
func run(ctx context.Context, t *testing.T, x *direct.Executor, query string, variables map[string]any) (string, *graphql.OperationContext) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(zoo, query, nil)
	if errs != nil {
		t.Fatalf("%s: %v", query, errs)
	}
	oc := &graphql.OperationContext{RawQuery: query, Doc: doc, Operation: doc.Operations[0], Variables: variables, RecoverFunc: graphql.DefaultRecover}
	ctx = graphql.WithOperationContext(ctx, oc)
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
	ctx = context.WithValue(ctx, rootKey{}, &root{})
	response := x.Exec(ctx)(ctx)
	text := string(response.Data)
	if errs := graphql.GetErrors(ctx); len(errs) > 0 {
		text += " " + errs.Error()
	}
	return text, oc
}

func TestAnswers(t *testing.T) {
	x := direct.New(executor{}, source(), direct.Options{})
	for _, c := range []struct {
		query     string
		variables map[string]any
		want      string
	}{
		{`{keeper{name}}`, nil, `{"keeper":{"name":"Ada"}}`},
		{`{keeper(name:"Bob"){age ratio name}}`, nil, `{"keeper":{"age":3,"ratio":0.5,"name":"Bob"}}`},
		{`{keeper(name:"nobody"){name}}`, nil, `{"keeper":null}`},
		{`query($n:String){keeper(name:$n){name}}`, map[string]any{"n": "Eve"}, `{"keeper":{"name":"Eve"}}`},
		{`{a:keeper{b:name __typename} keeper(name:"Ada"){cats{name}}}`, nil, `{"a":{"b":"Ada","__typename":"Keeper"},"keeper":{"cats":[{"name":"Tom"},{"name":"K\"it\n"}]}}`},
		{`{keeper{name} keeper{age name}}`, nil, `{"keeper":{"name":"Ada","age":3}}`},
		{`{...F keeper{age}} fragment F on Query{keeper{name}}`, nil, `{"keeper":{"name":"Ada","age":3}}`},
		{`{animals{name ... on Cat{keeper{name} kind} ... on Dog{__typename}}}`, nil,
			`{"animals":[{"name":"Tom","keeper":null,"kind":"CAT"},{"name":"Rex","__typename":"Dog"},{"name":"Kit","keeper":{"name":"Ada"},"kind":"CAT"}]}`},
		{`{things{__typename ... on Animal{name} ... on Keeper{age}}}`, nil, `{"things":[{"__typename":"Keeper","age":3},{"__typename":"Cat","name":"Tom"}]}`},
		{`query($s:Boolean!,$i:Boolean=true){keeper{name@skip(if:$s) age@include(if:$i)}}`, map[string]any{"s": true, "i": true}, `{"keeper":{"age":3}}`},
		{`query($s:Boolean!,$i:Boolean=true){keeper{name@skip(if:$s) age@include(if:$i)}}`, map[string]any{"s": false, "i": false}, `{"keeper":{"name":"Ada"}}`},
		{`{animals(first:1){name}}`, nil, `{"animals":[{"name":"Tom"}]}`},
		{`query($n:Int){animals(first:$n){name} m:animals(first:$n){__typename}}`, map[string]any{"n": int64(2)},
			`{"animals":[{"name":"Tom"},{"name":"Rex"}],"m":[{"__typename":"Cat"},{"__typename":"Dog"}]}`},
		{`{later(n:4){name story}}`, nil, `{"later":[{"name":"Ada","story":"the story of \"Ada\""},{"name":"mute","story":null},{"name":"Bob","story":"the story of \"Bob\""},{"name":"Ada","story":"the story of \"Ada\""}]}`},
	} {
		for range 2 { // compiled, and known
			got, oc := run(t.Context(), t, x, c.query, c.variables)
			if reason, ran := direct.ReasonOf(oc); !ran || reason != "" {
				t.Errorf("%s: left to the executor: %q", c.query, reason)
			}
			want := strings.NewReplacer("\n", `\n`).Replace(c.want)
			want = strings.ReplaceAll(want, `K"it`, `K\"it`)
			if got != want {
				t.Errorf("%s\n got %s\nwant %s", c.query, got, want)
			}
		}
	}
}

func TestWhatIsLeftToTheExecutor(t *testing.T) {
	var seen []direct.Reason
	x := direct.New(executor{}, source(), direct.Options{Observe: func(_ context.Context, r direct.Reason) { seen = append(seen, r) }})
	for query, want := range map[string]direct.Reason{
		`{__schema{queryType{name}}}`:           direct.Introspection,
		`{keeper{name@shout}}`:                  direct.Directive,
		`{closed}`:                              direct.Unsupported,
		`{broken}`:                              direct.Failed,
		`{nothing}`:                             direct.NullValue,
		`{panics}`:                              direct.Panicked,
		`{keeper(name:"infinite"){ratio}}`:      direct.BadValue,
		`{keeper(name:"nobody may ask"){name}}`: direct.BadArgument,
		`query($n:String="nobody may ask"){keeper(name:$n){name}}`: direct.BadArgument,
	} {
		got, oc := run(t.Context(), t, x, query, map[string]any{"n": "nobody may ask"})
		if reason, ran := direct.ReasonOf(oc); !ran || reason != want || got != `"by the executor"` {
			t.Errorf("%s: %q, want %q: %s", query, reason, want, got)
		}
	}
	if len(seen) != 9 {
		t.Errorf("observed %v", seen)
	}
}

// TestBatches fetches what waits for a store at once, wherever it is.
func TestBatches(t *testing.T) {
	x := direct.New(executor{}, source(), direct.Options{})
	query := `{later(n:50){story} keeper{story cats{name}} animals{... on Cat{keeper{story}}}}`
	doc, _ := gqlparser.LoadQueryWithRules(zoo, query, nil)
	oc := &graphql.OperationContext{RawQuery: query, Doc: doc, Operation: doc.Operations[0]}
	r := &root{}
	ctx := graphql.WithOperationContext(context.WithValue(t.Context(), rootKey{}, r), oc)
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
	if data := x.Exec(ctx)(ctx).Data; !bytes.Contains(data, []byte(`the story of \"Ada\"`)) {
		t.Fatalf("%s", data)
	}
	if r.fetches != 1 || r.told != 52 {
		t.Errorf("%d fetches of %d stories", r.fetches, r.told)
	}
}

// TestBudget ends an answer that is too much, for good.
func TestBudget(t *testing.T) {
	x := direct.New(executor{}, source(), direct.Options{})
	for unit, limits := range map[budget.Unit]budget.Limits{
		budget.Fields: {budget.Fields: 10_000},
		budget.Bytes:  {budget.Bytes: 100_000},
	} {
		b := budget.New(t.Context(), limits)
		got, _ := run(budget.With(t.Context(), b), t, x, `{later(n:100000){name age ratio cats{name}}}`, nil)
		over, ok := errors.AsType[*budget.ExceededError](b.Err())
		if !ok || over.Unit != unit || !strings.HasPrefix(got, "null ") {
			t.Errorf("%s: %v: %.200s", unit, b.Err(), got)
		}
		if used := b.Used(unit); used > limits[unit]*5/4+20_000 {
			t.Errorf("%s: %d were used", unit, used)
		}
	}
	b := budget.New(t.Context(), budget.Limits{})
	run(budget.With(t.Context(), b), t, x, `{keeper{name cats{name}}}`, nil)
	if fields, bytes := b.Used(budget.Fields), b.Used(budget.Bytes); fields < 5 || bytes != int64(len(`{"keeper":{"name":"Ada","cats":[{"name":"Tom"},{"name":"K\"it\n"}]}}`)) {
		t.Errorf("%d values and %d bytes were counted", fields, bytes)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, _ := run(ctx, t, x, `{later(n:10000){name}}`, nil); !strings.Contains(got, context.Canceled.Error()) {
		t.Errorf("given up: %.100s", got)
	}
}

// TestPlansAreBounded keeps the operations that came last.
func TestPlansAreBounded(t *testing.T) {
	x := direct.New(executor{}, source(), direct.Options{CacheBytes: 40_000})
	known := func(i int) bool { return x.Operation(fmt.Sprintf(`{a%d:keeper{name}}`, i), "") != nil }
	for i := range 500 {
		run(t.Context(), t, x, fmt.Sprintf(`{a%d:keeper{name}}`, i), nil)
	}
	if known(0) || !known(499) {
		t.Errorf("the first is known: %t, the last: %t", known(0), known(499))
	}
	many := "{" + strings.Repeat("keeper{name} ", 1)
	for i := range 2000 {
		many += fmt.Sprintf("b%d:keeper{name age} ", i)
	}
	run(t.Context(), t, x, many+"}", nil)
	if x.Operation(many+"}", "") != nil || !known(499) {
		t.Error("an operation that takes much of the cache is kept")
	}
}

// TestAllocations: a list costs no allocation for each element.
func TestAllocations(t *testing.T) {
	x := direct.New(executor{}, source(), direct.Options{})
	query := `query($n:Int){animals(first:$n){name ... on Cat{keeper{name cats{name kind}}}}}`
	run(t.Context(), t, x, query, map[string]any{"n": int64(3)})
	op := x.Operation(query, "")
	buffer := make([]byte, 0, 1<<16)
	per := testing.AllocsPerRun(100, func() {
		if _, err := x.Append(t.Context(), op, buffer, map[string]any{"n": int64(3)}); err != nil {
			t.Fatal(err)
		}
	})
	if per > 25 { // the animals themselves, and the arguments
		t.Errorf("%v allocations", per)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", `"quoted" \ and`, "\x00\x1f\x7f\u2028é\xff\xfe", strings.Repeat("x", 31) + "\n", "\t\r\b\f"} {
		f.Add(s)
	}
	x := direct.New(executor{}, source(), direct.Options{})
	doc, _ := gqlparser.LoadQueryWithRules(zoo, `query($n:String){keeper(name:$n){name}}`, nil)
	query := `query($n:String){keeper(name:$n){name}}`
	ctx := graphql.WithOperationContext(f.Context(), &graphql.OperationContext{RawQuery: query, Doc: doc, Operation: doc.Operations[0], Variables: map[string]any{"n": "x"}})
	x.Exec(ctx)(ctx)
	op := x.Operation(query, "")
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || s == "nobody" || s == "infinite" || s == "nobody may ask" {
			return
		}
		got, err := x.Append(t.Context(), op, nil, map[string]any{"n": s})
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		graphql.MarshalString(s).MarshalGQL(&want)
		if string(got) != `{"keeper":{"name":`+want.String()+`}}` {
			t.Errorf("%q: %s, want %s", s, got, want.String())
		}
	})
}

func TestReasonsAreDistinct(t *testing.T) {
	seen := map[direct.Reason]bool{}
	for _, r := range direct.Reasons() {
		if seen[r] || r == "" {
			t.Errorf("%q", r)
		}
		seen[r] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d reasons", len(seen))
	}
}
