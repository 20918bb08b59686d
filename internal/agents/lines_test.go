package agents

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mapgraph/mapgraph/internal/ask"
)

// answers gives what a server without data writes to some lines.
func answers(t *testing.T, in io.Reader) string {
	t.Helper()
	var out bytes.Buffer
	if err := NewServer(ask.Local(http.NotFoundHandler()), "test").Run(t.Context(), Lines{In: in, Out: &out}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestLinesThatAreNoMessages wants an error for each, and the ping behind it answered.
func TestLinesThatAreNoMessages(t *testing.T) {
	const ping = `{"jsonrpc":"2.0","id":"p","method":"ping"}`
	const pong = `{"jsonrpc":"2.0","id":"p","result":{}}`
	for line, want := range map[string]string{
		"":                                 "",
		" \r":                              "",
		"garbage":                          `null -32700`,
		"{":                                `null -32700`,
		`{"jsonrpc":"2.0"} {}`:             `null -32700`,
		"\xff\xfe":                         `null -32700`,
		strings.Repeat(" ", MaxLine) + "1": `null -32700`,
		strings.Repeat("[", 5000) + strings.Repeat("]", 5000): `null -32600`,
		"null":                                   `null -32600`,
		"[]":                                     `null -32600`,
		"4":                                      `null -32600`,
		`{"jsonrpc":"2.0","id":1}`:               `null -32600`,
		`{"jsonrpc":"1.0","id":1,"method":"x"}`:  `1 -32600`,
		`{"jsonrpc":"2.0","id":"a","method":5}`:  `"a" -32600`,
		`{"jsonrpc":"2.0","id":{},"method":"x"}`: `null -32600`,
		`{"jsonrpc":"2.0","id":1,"method":"nothing"}`:                      `1 0`,
		`[{"jsonrpc":"2.0","id":1,"method":"nothing"},5]`:                  `1 0, null -32600`,
		`[{"jsonrpc":"2.0","method":"notifications/cancelled"}]`:           "",
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}`: "",
	} {
		var got []string
		pongs := 0
		for text := range strings.Lines(answers(t, strings.NewReader(line+"\n"+ping))) {
			if text == pong+"\n" {
				pongs++
				continue
			}
			var answer struct {
				JSONRPC string
				ID      json.RawMessage
				Error   struct {
					Code    json.Number
					Message string
				}
			}
			if json.Unmarshal([]byte(text), &answer) != nil || answer.JSONRPC != "2.0" || answer.Error.Message == "" {
				t.Errorf("%.80q: %s", line, text)
			}
			got = append(got, string(answer.ID)+" "+answer.Error.Code.String())
		}
		slices.Sort(got) // answers come as they are ready
		if strings.Join(got, ", ") != want || pongs != 1 {
			t.Errorf("%.80q: %v and %d answers to the ping, want %s and one", line, got, pongs, want)
		}
	}
}

func callID(t *testing.T, v any) jsonrpc.ID {
	t.Helper()
	id, err := jsonrpc.MakeID(v)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestIDsInUse answers each call once.
func TestIDsInUse(t *testing.T) {
	c := &lineConn{}
	if c.open = map[jsonrpc.ID]bool{}; !c.begin(callID(t, 1.0)) || c.begin(callID(t, 1.0)) || !c.begin(callID(t, "1")) {
		t.Error("an id is in use while its call has no answer")
	}
}

// TestAClientOutlivesGarbage has the library's client ask, with lines that are no
// messages between its own.
func TestAClientOutlivesGarbage(t *testing.T) {
	in, toServer := io.Pipe()
	fromServer, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- NewServer(ask.Local(http.NotFoundHandler()), "test").Run(t.Context(), Lines{In: in, Out: out})
		_ = out.Close()
	}()
	fromClient, clientOut := io.Pipe()
	go func() {
		// What the client says goes through, and garbage after each line.
		for lines := bufio.NewScanner(fromClient); lines.Scan(); {
			_, _ = toServer.Write([]byte(lines.Text() + "\n{\"broken\n\x00\n"))
		}
		_ = toServer.Close()
	}()
	toClient, clientIn := io.Pipe()
	refused := make(chan int, 1)
	go func() {
		// The library's client ends with an answer that has no id.
		n := 0
		for lines := bufio.NewScanner(fromServer); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), `{"id":null`) {
				n++
				continue
			}
			_, _ = clientIn.Write([]byte(lines.Text() + "\n"))
		}
		_ = clientIn.Close()
		refused <- n
	}()
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), &mcp.IOTransport{Reader: toClient, Writer: clientOut}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		tools, err := client.ListTools(t.Context(), nil)
		if err != nil || len(tools.Tools) == 0 {
			t.Fatal(err)
		}
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := <-refused; n < 8 || n%2 != 0 {
		t.Errorf("%d lines were refused", n)
	}
}

func FuzzLines(f *testing.F) {
	for _, line := range []string{
		"x", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, `[{"jsonrpc":"2.0","id":1,"method":"ping"},{}]`,
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}` + "\n" +
			`{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n" + `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"dataset","arguments":{}}}`,
		`{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"graphql","arguments":{"query":"{a}"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, lines []byte) {
		const end = "an id that nobody guesses"
		ended := false
		for line := range strings.Lines(answers(t, bytes.NewReader(append(lines, "\n"+`{"jsonrpc":"2.0","id":"`+end+`","method":"ping"}`...)))) {
			if !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %q", line)
			}
			ended = ended || strings.Contains(line, end)
		}
		if !ended {
			t.Error("the session ended before the last call")
		}
	})
}
