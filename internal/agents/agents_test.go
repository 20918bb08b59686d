package agents

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mapgraph/mapgraph/graph"
	"github.com/mapgraph/mapgraph/internal/ask"
	"github.com/mapgraph/mapgraph/internal/facts"
	"github.com/mapgraph/mapgraph/internal/store/memory"
)

// connect gives a client of a server over the facts edition.
func connect(t *testing.T, limits graph.Limits) *mcp.ClientSession {
	t.Helper()
	ds, err := facts.Load()
	if err != nil {
		t.Fatal(err)
	}
	api := ask.Local(graph.NewHandler(graph.Options{Store: memory.New(ds), Limits: limits, Log: slog.New(slog.DiscardHandler)}))
	here, there := mcp.NewInMemoryTransports()
	server, err := NewServer(api, "test").Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// call calls a tool and gives its text.
func call(t *testing.T, c *mcp.ClientSession, tool, arguments string) (text string, failed bool) {
	t.Helper()
	r, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		return err.Error(), true
	}
	return r.Content[0].(*mcp.TextContent).Text, r.IsError
}

// TestEveryToolAnswers calls each tool with all of its arguments, and wants a
// word of the answer.
func TestEveryToolAnswers(t *testing.T) {
	const view = `"view":{"attackVersion":"16.1"}`
	const narrow = view + `,"filter":{"minScore":"PARTIAL","includeUnscored":true},"scope":{"groups":["APT29"],"level":"ALL"}`
	const owned = `{"licences":[{"tier":"E3"}],"baselines":[{"name":"LOW"}],"capabilityGroups":[{"framework":"m365","group":"eop"}],"capabilities":[{"framework":"aws","capabilityId":"aws_config"}],"techniques":["T1003"]}`
	calls := map[string][2]string{
		"dataset":              {`{}`, `"FACTS"`},
		"search":               {`{"text":"t1552/007","kinds":["TECHNIQUE"],"first":1}`, "T1552.007"},
		"technique":            {`{"attackId":"T1552.007","frameworks":["aws"],"first":2,` + view + `}`, `"totalCount":`},
		"capability":           {`{"framework":"nist_800_53","capabilityId":"ac-02","first":2,` + view + `}`, "Account Management"},
		"group":                {`{"attackId":"apt29","stack":` + owned + `,` + view + `}`, `"G0016"`},
		"coverage":             {`{"frameworks":["aws"],` + view + `}`, `"mapped":215`},
		"gaps":                 {`{"stack":` + owned + `,"orderBy":"GROUPS","first":3,"rollUp":"PARENT_IF_ANY_CHILD",` + narrow + `}`, "NON_MAPPABLE"},
		"overlap":              {`{"frameworks":["aws","azure","gcp"],` + view + `}`, `"totalCount":131`},
		"crosswalk":            {`{"from":"nist_800_53","to":"aws","fromCapabilities":["AC-2"],"minShared":2,"orderBy":"SHARED","first":1,` + narrow + `}`, "weighted"},
		"compare_capabilities": {`{"a":{"framework":"aws","capabilityId":"aws_shield"},"b":{"framework":"azure","capabilityId":"azure_ddos_protection"},` + view + `}`, "onlyA"},
		"control_cover":        {`{"frameworks":["nist_800_53"],"owned":` + owned + `,"weight":"GROUPS","target":0.5,"budget":2,"method":"EXACT",` + narrow + `}`, "lowerBound"},
		"compare_stacks":       {`{"a":` + owned + `,"b":{"frameworks":["aws"]},` + view + `}`, "gained"},
		"mapping_diff":         {`{"from":"aws/12.12.2024@16.1/enterprise","to":"aws/12.12.2024@16.1/enterprise","first":1}`, `"addedCount":0`},
		"attack_diff":          {`{"from":"16.1","to":"18.1"}`, "T1027.015"},
		"vulnerability":        {`{"cve":"cve-2021-44228","frameworks":["aws"]}`, "T1190"},
		"incident":             {`{"verisId":"action.hacking.variety.SQLi","frameworks":["aws"]}`, "techniques"},
		"graphql_type":         {`{"name":"Query"}`, "controlCover"},
		"graphql":              {`{"query":"query($id:String!){technique(attackId:$id){name}}","variables":{"id":"T1003"}}`, "OS Credential Dumping"},
	}
	c := connect(t, graph.DefaultLimits)
	listed, err := c.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range listed.Tools {
		names = append(names, tool.Name)
		if tool.Annotations == nil || !tool.Annotations.ReadOnlyHint || tool.Description == "" {
			t.Errorf("%s does not say that it only reads", tool.Name)
		}
	}
	if want := slices.Sorted(maps.Keys(calls)); !slices.Equal(slices.Sorted(slices.Values(names)), want) {
		t.Errorf("tools %v, want %v", names, want)
	}
	for tool, c2 := range calls {
		if text, failed := call(t, c, tool, c2[0]); failed || !strings.Contains(text, c2[1]) {
			t.Errorf("%s: %.600s", tool, text)
		}
	}
}

// TestWhatAgentsGetWrong tells them so, and the limits of a server hold.
func TestWhatAgentsGetWrong(t *testing.T) {
	c := connect(t, graph.DefaultLimits)
	for _, bad := range [][3]string{
		{"gaps", `{"frameworks":["awss"]}`, "loaded are aws"},
		{"gaps", `{"first":5000}`, "at most 1000"},
		{"coverage", `{"rollUp":"UPWARDS"}`, "UPWARDS"},
		{"gaps", `{"framework":"aws"}`, "framework"},
		{"graphql", `{"query":"mutation { drop }"}`, "mutation"},
		{"graphql", `{"query":"{ frameworks { sets { mappings(first:1000) { nodes { technique { mappings(first:1000) { nodes { id } } } } } } } }"}`, "the limit is"},
	} {
		if text, failed := call(t, c, bad[0], bad[1]); !failed || !strings.Contains(strings.ToLower(text), strings.ToLower(bad[2])) {
			t.Errorf("%s %s: %.300s", bad[0], bad[1], text)
		}
	}
}
