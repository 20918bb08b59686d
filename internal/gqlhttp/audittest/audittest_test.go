package audittest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMissingNodeIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, _, err := findAudit(); err == nil || !strings.Contains(err.Error(), "node is not installed") {
		t.Errorf("got %v", err)
	}
}

func TestMissingPackagesAreSaid(t *testing.T) {
	if _, _, err := findAudit(); err != nil && !strings.Contains(err.Error(), "node is not installed") && !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("got %v", err)
	}
	t.Chdir(t.TempDir())
	if _, _, err := findAudit(); err == nil {
		t.Error("audits are found outside of the module")
	}
}

// The audits see a server that does not conform.
func TestAuditsCanFail(t *testing.T) {
	node, dir, err := findAudit()
	if err != nil {
		t.Skip(err)
	}
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	audits, err := runAudits(t.Context(), node, dir, srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, a := range audits {
		if a.Level == "MUST" && a.Status == "error" && a.Reason != "" {
			failed++
		}
	}
	if failed < 10 {
		t.Errorf("%d audits of level MUST fail on a server that answers nothing", failed)
	}
}
