package admit

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// ErrSlowReader is the error of an answer that was cut off because others
// needed the memory that it held.
var ErrSlowReader = errors.New("cut off: the client reads too slowly, and other answers need the memory")

// Outbox bounds the memory of answers that are on their way. When they are too
// many bytes, the readers that take them slowest are cut off.
type Outbox struct {
	limit   int64
	mu      sync.Mutex
	held    int64
	sending map[*sending]struct{}
}

// sending is an answer on its way. The outbox's lock guards it.
type sending struct {
	size  int64
	since time.Time
	moved time.Time // when its reader last took something
	sent  int64
	cut   bool
	conn  *http.ResponseController
}

const (
	// chunk is how much is written between two notes of progress.
	chunk = 64 << 10
	// grace is how long an answer is left alone, since speed needs time to show.
	grace = 250 * time.Millisecond
	// past is a deadline that is over: it ends a write that waits for its reader.
	past = -time.Second
)

// NewOutbox makes an outbox of so many bytes; 0 is no bound.
func NewOutbox(limit int64) *Outbox {
	return &Outbox{limit: limit, sending: map[*sending]struct{}{}}
}

// Held is how many bytes of answers are on their way.
func (o *Outbox) Held() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.held
}

// Send writes an answer, whose header has been written. It gives ErrSlowReader
// if it was cut off, else the error of the connection.
func (o *Outbox) Send(w http.ResponseWriter, text []byte) error {
	if len(text) <= chunk {
		_, err := w.Write(text) // goes into the connection's buffers
		return err
	}
	now := time.Now()
	s := &sending{size: int64(len(text)), since: now, moved: now, conn: http.NewResponseController(w)}
	o.begin(s)
	defer o.end(s)
	for len(text) > 0 {
		n, err := w.Write(text[:min(chunk, len(text))])
		if cut := o.note(s, int64(n)); cut {
			return ErrSlowReader
		}
		if err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

func (o *Outbox) begin(s *sending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held += s.size
	o.sending[s] = struct{}{}
	o.makeRoom(s.since)
}

func (o *Outbox) end(s *sending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.sending, s)
	if !s.cut {
		o.held -= s.size
	}
}

func (o *Outbox) note(s *sending, n int64) (cut bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.sent += n
	s.moved = time.Now()
	o.makeRoom(s.moved)
	return s.cut
}

// makeRoom cuts off the slowest readers until what is held is within the limit,
// or until only answers are left that have just begun.
func (o *Outbox) makeRoom(now time.Time) {
	for o.limit > 0 && o.held > o.limit {
		slowest := o.slowest(now)
		if slowest == nil {
			return
		}
		slowest.cut = true
		o.held -= slowest.size
		_ = slowest.conn.SetWriteDeadline(now.Add(past))
	}
}

// slowest finds the reader that has stood still longest, or else the one that
// has taken the least bytes a second.
func (o *Outbox) slowest(now time.Time) *sending {
	var found *sending
	for s := range o.sending {
		if !s.cut && now.Sub(s.since) >= grace && (found == nil || s.slowerThan(found, now)) {
			found = s
		}
	}
	return found
}

func (s *sending) slowerThan(o *sending, now time.Time) bool {
	a, b := now.Sub(s.moved), now.Sub(o.moved)
	if max(a, b) >= grace {
		return a > b
	}
	return float64(s.sent)*now.Sub(o.since).Seconds() < float64(o.sent)*now.Sub(s.since).Seconds()
}
