package admit

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestTheSlowestReadersAreCutOff lets a dozen clients ask for answers that they
// do not read, and then one that reads.
func TestTheSlowestReadersAreCutOff(t *testing.T) {
	const size, limit, idlers = 8 << 20, 20 << 20, 12
	out := NewOutbox(limit)
	answer := bytes.Repeat([]byte("mapgraph"), size/8)
	ended := make(chan error, idlers+1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		ended <- out.Send(w, answer)
	}))
	defer srv.Close()
	for range idlers {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	// Readers come until the idle ones that are too many have been cut off.
	cut := 0
	for cut < idlers-limit/size {
		res, err := http.Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || !bytes.Equal(got, answer) {
			t.Fatalf("a client that reads got %d bytes: %v", len(got), err)
		}
		for more := true; more; {
			select {
			case err := <-ended:
				if errors.Is(err, ErrSlowReader) {
					cut++
				} else if err != nil {
					t.Errorf("an answer ended with %v", err)
				}
			default:
				more = false
			}
		}
	}
	if held := out.Held(); held > limit {
		t.Errorf("%d bytes are held; the limit is %d", held, limit)
	}
}

func TestSmallAnswersAreNotCounted(t *testing.T) {
	out := NewOutbox(1)
	rec := httptest.NewRecorder()
	if err := out.Send(rec, make([]byte, chunk)); err != nil || rec.Body.Len() != chunk || out.Held() != 0 {
		t.Errorf("%v, %d bytes, %d held", err, rec.Body.Len(), out.Held())
	}
}
