package graph_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestErrorsHaveCodes(t *testing.T) {
	a := factsAPI(t)
	deep := strings.Repeat("parent{", 20) + "id" + strings.Repeat("}", 20)
	var aliases strings.Builder
	for i := range 70 {
		fmt.Fprintf(&aliases, "a%d: frameworks{id} ", i)
	}
	bomb := "{...f0}"
	for i := range 30 {
		bomb += fmt.Sprintf(" fragment f%d on Query {...f%d ...f%d}", i, i+1, i+1)
	}
	bomb += " fragment f30 on Query {dataset{generation}}"
	for name, c := range map[string]struct{ query, code, says string }{
		"unknown framework":       {`{coverage(frameworks:["nope"]){total}}`, "NOT_FOUND", "aws, azure"},
		"unknown release":         {`{techniques(view:{attackVersion:"3.0"}){totalCount}}`, "NOT_FOUND", "16.1"},
		"unknown set":             {`{techniques(view:{sets:["aws/1@1/enterprise"]}){totalCount}}`, "NOT_FOUND", "aws/12.12.2024@16.1/enterprise"},
		"set of another domain":   {`{techniques(view:{sets:["veris/1.4.0@16.1/ics"]}){totalCount}}`, "BAD_USER_INPUT", "ICS"},
		"unknown capability":      {`{coverage(stack:{capabilities:[{framework:"aws",capabilityId:"aws_confg"}]}){total}}`, "BAD_USER_INPUT", "aws_confg"},
		"unknown tactic":          {`{techniques(scope:{tactics:["impakt"]}){totalCount}}`, "BAD_USER_INPUT", "impact"},
		"unknown group":           {`{techniques(scope:{groups:["APT2900"]}){totalCount}}`, "BAD_USER_INPUT", "APT2900"},
		"overlap of one":          {`{overlap(frameworks:["aws","framework:aws"]){universe}}`, "BAD_USER_INPUT", "2"},
		"negative page":           {`{techniques(first:-1){totalCount}}`, "BAD_USER_INPUT", "-1"},
		"page too long":           {`{techniques(first:1001){totalCount}}`, "LIMIT_EXCEEDED", "1000"},
		"bad cursor":              {`{techniques(after:"AAAA"){totalCount}}`, "INVALID_CURSOR", "cursor"},
		"too deep":                {`{technique(attackId:"T1001"){` + deep + `}}`, "LIMIT_EXCEEDED", "depth is 22"},
		"too many aliases":        {`{` + aliases.String() + `}`, "LIMIT_EXCEEDED", "aliases is 70"},
		"fragments upon fragment": {bomb, "LIMIT_EXCEEDED", "limit"},
		"too costly":              {`{techniques(first:1000){nodes{mappings(first:1000){nodes{technique{groups{techniques{id}}}}}}}}`, "LIMIT_EXCEEDED", "2000000"},
		"too many tokens":         {`{` + strings.Repeat("dataset{edition} ", 4000) + `}`, "LIMIT_EXCEEDED", "10000"},
		"no GraphQL":              {`{`, "GRAPHQL_PARSE_FAILED", ""},
		"unknown field":           {`{bogus}`, "GRAPHQL_VALIDATION_FAILED", "bogus"},
		"unknown enum":            {`{mappings(filter:{categories:[STOP]}){totalCount}}`, "GRAPHQL_VALIDATION_FAILED", "STOP"},
		"number too large":        {`{techniques(first:3000000000){totalCount}}`, "BAD_USER_INPUT", "3000000000"},
	} {
		out := a.post(c.query, nil)
		if got := code(out); got != c.code || !strings.Contains(out.raw, c.says) {
			t.Errorf("%s: code %q, want %q with %q in: %.300s", name, got, c.code, c.says, out.raw)
		}
	}
}

func TestCursorOfAnotherListIsRefused(t *testing.T) {
	a := factsAPI(t)
	cursor := at(a.ask(t, `{techniques(first:1){pageInfo{endCursor}}}`), "techniques", "pageInfo", "endCursor").(string)
	for _, query := range []string{
		`{capabilities(after:%q){totalCount}}`, `{gaps(after:%q){totalCount}}`, `{groups(after:%q){totalCount}}`,
	} {
		if out := a.post(fmt.Sprintf(query, cursor), nil); code(out) != "INVALID_CURSOR" {
			t.Errorf("%s: %s", query, out.raw)
		}
	}
	for i := range cursor {
		bent := cursor[:i] + string("AB"[b2i(cursor[i] == 'A')]) + cursor[i+1:]
		if out := a.post(fmt.Sprintf(`{techniques(first:1,after:%q){totalCount}}`, bent), nil); code(out) != "INVALID_CURSOR" {
			t.Fatalf("a cursor with another character at %d is taken: %s", i, out.raw)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestPagesJoinToTheWhole reads lists in pages of several sizes, with cursors of
// one server used on another that loaded the same data.
func TestPagesJoinToTheWhole(t *testing.T) {
	one, two := factsAPI(t), factsAPI(t)
	const view = `view:{attackVersion:"16.1"}`
	for _, c := range []struct{ field, args, id string }{
		{"techniques", view, "attackId"},
		{"mappings", view + `,filter:{frameworks:["m365"]}`, "id"},
		{"capabilities", view + `,framework:"kev"`, "id"},
		{"gaps", view + `,orderBy:GROUPS,frameworks:["aws"]`, "technique{attackId}"},
		{"gaps", view + `,orderBy:TOP_TECHNIQUES,frameworks:["aws"]`, "technique{attackId}"},
		{"gaps", view + `,orderBy:NAME,frameworks:["aws"]`, "technique{attackId}"},
		{"groups", view, "id"}, {"softwareList", view, "id"},
	} {
		whole := at(one.ask(t, fmt.Sprintf(`{%s(first:1000,%s){totalCount nodes{%s}}}`, c.field, c.args, c.id)), c.field)
		for _, size := range []int{7, 100} {
			var joined []any
			after := ""
			for page := 0; ; page++ {
				a := []api{one, two}[page%2]
				got := at(a.ask(t, fmt.Sprintf(`{%s(first:%d,%s%s){totalCount nodes{%s} edges{cursor node{%s}} pageInfo{hasNextPage hasPreviousPage endCursor}}}`, c.field, size, c.args, after, c.id, c.id)), c.field)
				nodes := at(got, "nodes").([]any)
				for i, e := range at(got, "edges").([]any) {
					if fmt.Sprint(at(e, "node")) != fmt.Sprint(nodes[i]) {
						t.Fatalf("%s: edges and nodes differ", c.field)
					}
				}
				joined = append(joined, nodes...)
				if at(got, "totalCount") != at(whole, "totalCount") || at(got, "pageInfo", "hasPreviousPage") != (page > 0) {
					t.Fatalf("%s: page %d says %v", c.field, page, at(got, "pageInfo"))
				}
				if at(got, "pageInfo", "hasNextPage") == false {
					break
				}
				after = fmt.Sprintf(",after:%q", at(got, "pageInfo", "endCursor"))
			}
			if n := number(whole, "totalCount"); n <= 1000 && fmt.Sprint(joined) != fmt.Sprint(at(whole, "nodes")) || len(joined) != n {
				t.Errorf("%s(%s) in pages of %d: %d items, want %d", c.field, c.args, size, len(joined), n)
			}
		}
	}
}

func TestIntrospectionIsAllowed(t *testing.T) {
	deep := "kind name" + strings.Repeat(" ofType{kind name", 9) + strings.Repeat("}", 9)
	a := factsAPI(t)
	a.ask(t, `{__schema{types{kind name description fields(includeDeprecated:true){name description args{name description type{`+deep+`} defaultValue} type{`+deep+`}} inputFields{name} enumValues{name description}}}}`)
}

func TestEverythingIsDescribed(t *testing.T) {
	data := factsAPI(t).ask(t, `{__schema{types{name description fields(includeDeprecated:true){name description args{name description}} inputFields{name description} enumValues(includeDeprecated:true){name description}}}}`)
	for _, ty := range at(data, "__schema", "types").([]any) {
		name := at(ty, "name").(string)
		if strings.HasPrefix(name, "__") {
			continue
		}
		var check func(where string, v any)
		check = func(where string, v any) {
			if d, _ := at(v, "description").(string); d == "" {
				t.Errorf("%s has no description", where)
			}
			for _, list := range []string{"fields", "args", "inputFields", "enumValues"} {
				items, _ := at(v, list).([]any)
				for _, item := range items {
					check(where+"."+at(item, "name").(string), item)
				}
			}
			if d, _ := at(v, "description").(string); strings.HasPrefix(where, "Query.") && strings.Count(where, ".") == 1 && !strings.Contains(d, "Example: `{") {
				t.Errorf("%s has no example", where)
			}
		}
		check(name, ty)
	}
}

func TestBodies(t *testing.T) {
	a := factsAPI(t)
	send := func(body, contentType string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		return w
	}
	for name, c := range map[string]struct {
		body, contentType string
		status            int
		says              string
	}{
		"too long":      {`{"query":"` + strings.Repeat(" ", 1<<20) + `{dataset{edition}}"}`, "application/json", 413, "LIMIT_EXCEEDED"},
		"a batch":       {`[{"query":"{dataset{edition}}"}]`, "application/json", 400, "batch"},
		"no JSON":       {`nope`, "application/json", 400, "JSON object"},
		"no query":      {`{}`, "application/json", 400, "query: missing"},
		"wrong type":    {`{"query":7}`, "application/json", 400, "query: has the wrong type"},
		"no type":       {`{"query":"{dataset{edition}}"}`, "", 415, "application/json"},
		"a form":        {`query=x`, "application/x-www-form-urlencoded", 415, "application/json"},
		"other charset": {`{"query":"{dataset{edition}}"}`, "application/json; charset=latin1", 415, "utf-8"},
	} {
		w := send(c.body, c.contentType)
		if w.Code != c.status || !bytes.Contains(w.Body.Bytes(), []byte(c.says)) || !bytes.Contains(w.Body.Bytes(), []byte(`"errors"`)) {
			t.Errorf("%s: %d %s; want %d with %q", name, w.Code, w.Body, c.status, c.says)
		}
	}
}

// TestExportsAreCounted: a document of megabytes is one field of many bytes.
func TestExportsAreCounted(t *testing.T) {
	a := factsAPI(t)
	query := "{"
	for i := range 6 {
		query += fmt.Sprintf(`d%d:export(format:STIX){content}`, i)
	}
	out := a.post(query+"}", nil)
	if code(out) != "LIMIT_EXCEEDED" || out.Errors[0].Extensions["limit"] != "bytes" {
		t.Errorf("%.300s", out.raw)
	}
}

// TestEstimatesKnowTheData: what is asked for counts as what would come.
func TestEstimatesKnowTheData(t *testing.T) {
	a := factsAPI(t)
	for _, query := range []string{
		`{techniques(first:1000,scope:{tactics:["initial-access"]}){nodes{mappings(first:250){nodes{capability{capabilityId}}}}}}`,
		`{techniques(first:1000){nodes{attackId mappings(first:1000){totalCount}}}}`,
		`{technique(attackId:"T1059"){capabilities{techniques{attackId}}}}`,
	} {
		if out := a.post(query, nil); len(out.Errors) > 0 {
			t.Errorf("%s: %.300s", query, out.raw)
		}
	}
	for _, query := range []string{
		`{techniques(first:1000){nodes{capabilities{techniques{capabilities{techniques{description}}}}}}}`,
		`{groups(first:1000){nodes{techniques{software{techniques{groups{attackId}}}}}}}`,
	} {
		out := a.post(query, nil)
		if code(out) != "LIMIT_EXCEEDED" || out.Errors[0].Extensions["actual"] == nil {
			t.Errorf("%s: not refused at once: %.300s", query, out.raw)
		}
	}
}
