// Package agents serves mapgraph's questions as tools over the Model Context
// Protocol, https://modelcontextprotocol.io. A tool is a GraphQL query of package
// ask; its arguments are the query's variables. Nothing can be changed through it.
package agents

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mapgraph/mapgraph/internal/ask"
)

const instructions = `mapgraph answers questions about published mappings of security capabilities (NIST SP 800-53, CRI Profile, CSA CCM, AWS, Azure, GCP, Microsoft 365, Intel vPro, CISA KEV, VERIS) to MITRE ATT&CK techniques.
Start with "dataset" to see frameworks, mapping sets and ATT&CK versions, or "search" to find ids.
What to keep in mind when you report answers:
- MAPPED means that somebody tied a capability to the technique. It never means that the technique is prevented, or that the capability is switched on.
- UNASSESSED with the reason SILENT means that the mappings looked and said nothing; NEW_SINCE_MAPPING that the technique is younger than the mappings. NON_MAPPABLE means that the mappings say it cannot be mapped.
- KEV and VERIS are no defences: they are asked only where they are named.
- Crosswalk pairs are inferred from techniques in common; nobody published them. Name the techniques.
- Lists come in pages: totalCount says how many there are, pageInfo.endCursor is the "after" of the next page.
Without a view the newest loaded ATT&CK release is asked; state the release that you used.`

// NewServer makes a server of tools that ask an API.
func NewServer(api *ask.API, version string) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "mapgraph", Title: "mapgraph", Version: version}, &mcp.ServerOptions{Instructions: instructions})
	a := asker{api}
	add[nothing](s, a, "dataset", "dataset", "Which frameworks, mapping sets and ATT&CK releases are loaded, and how much is in them.")
	add[searchInput](s, a, "search", "search", "Find techniques, groups, software, campaigns, mitigations, capabilities, frameworks and mappings by id, name or words.")
	add[techniqueInput](s, a, "technique", "technique", "A technique with its state per framework, the mappings to it, and the groups, software and mitigations tied to it.")
	add[capabilityInput](s, a, "capability", "capability", "A capability (control, cloud service, CVE, incident attribute) with the techniques that it is mapped to.")
	add[groupInput](s, a, "group", "group", "A threat group with its techniques and software, and how much of what it uses is mapped.")
	add[coverageInput](s, a, "coverage", "coverage", "How many techniques are mapped, by state, framework and tactic. Without frameworks and stack every defence is asked.")
	add[gapsInput](s, a, "gaps", "gaps", "Techniques that nothing asked about maps, with state, reason and how much attackers use them.")
	add[overlapInput](s, a, "overlap", "overlap", "Which techniques two or more frameworks map in common, alone and not at all.")
	add[crosswalkInput](s, a, "crosswalk", "crosswalk", "Pairs of capabilities of two frameworks that map the same techniques. Inferred: the techniques are the evidence.")
	add[compareInput](s, a, "compare_capabilities", "compare", "Two capabilities side by side: techniques of both with their scores, and of one only.")
	add[coverInput](s, a, "control_cover", "cover", "Few capabilities that together map much: what to add, in which order, with a proven lower bound.")
	add[stacksInput](s, a, "compare_stacks", "stacks", "What coverage a change of stack gains and loses.")
	add[mappingDiffInput](s, a, "mapping_diff", "mapping-diff", "What changed between two mapping sets of one framework and domain.")
	add[attackDiffInput](s, a, "attack_diff", "attack-diff", "What changed between two ATT&CK releases of one domain.")
	add[vulnerabilityInput](s, a, "vulnerability", "vulnerability", "A known exploited vulnerability: its techniques, and the capabilities of chosen frameworks that are mapped to each.")
	add[incidentInput](s, a, "incident", "incident", "A VERIS incident attribute: its techniques, and the capabilities of chosen frameworks that are mapped to each.")
	add[describeInput](s, a, "graphql_type", "describe", "Describes a type of the GraphQL API; \"Query\" lists every question that it answers.")
	addGraphQL(s, a)
	return s
}

type asker struct{ api *ask.API }

// add adds a tool that asks one of the questions of package ask.
func add[In any](s *mcp.Server, a asker, name, query, description string) {
	text := ask.Query(query)
	mcp.AddTool(s, tool(name, description), func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
		variables, err := variablesOf(in)
		if err != nil {
			return nil, nil, err
		}
		return a.answer(ctx, text, variables)
	})
}

func addGraphQL(s *mcp.Server, a asker) {
	mcp.AddTool(s, tool("graphql", "Asks any query of the GraphQL API, for what the other tools do not answer."),
		func(ctx context.Context, _ *mcp.CallToolRequest, in graphqlInput) (*mcp.CallToolResult, any, error) {
			return a.answer(ctx, in.Query, in.Variables)
		})
}

func tool(name, description string) *mcp.Tool {
	no := false
	return &mcp.Tool{
		Name: name, Description: description,
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no},
	}
}

// answer gives an answer's data as JSON. An error is told to the agent, which
// can ask better.
func (a asker) answer(ctx context.Context, query string, variables map[string]any) (*mcp.CallToolResult, any, error) {
	var data json.RawMessage
	if err := a.api.Do(ctx, query, variables, &data); err != nil {
		return nil, nil, err
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(data)}}}, nil, nil
}

// variablesOf gives the arguments of a tool as the variables of its query.
func variablesOf(in any) (map[string]any, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	variables := map[string]any{}
	return variables, json.Unmarshal(text, &variables)
}
