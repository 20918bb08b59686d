package agents

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// MaxLine is the number of bytes that a message may have.
const MaxLine = 16 << 20

// Lines is a transport of one message a line. Unlike the library's, it outlives
// a line that is no message: whoever sent it gets a JSON-RPC error, and the
// session goes on. Calls that were read are answered after the end of the input
// too. A batch is taken apart, and each of its calls answered on a line of its own.
type Lines struct {
	In  io.Reader
	Out io.Writer
}

// Connect begins to read. The goroutine that reads ends with the input.
func (l Lines) Connect(context.Context) (mcp.Connection, error) {
	c := &lineConn{
		out: l.Out, messages: make(chan jsonrpc.Message), ended: make(chan struct{}), closed: make(chan struct{}),
		open: map[jsonrpc.ID]bool{}, answered: make(chan struct{}, 1),
	}
	go c.read(bufio.NewReader(l.In))
	return c, nil
}

type lineConn struct {
	messages  chan jsonrpc.Message
	ended     chan struct{} // no more messages come, because of end
	end       error
	closed    chan struct{}
	closeOnce sync.Once

	mu       sync.Mutex
	out      io.Writer
	open     map[jsonrpc.ID]bool // calls without an answer
	answered chan struct{}       // a call was answered
}

func (c *lineConn) read(in *bufio.Reader) {
	defer close(c.ended)
	for {
		line, tooLong, err := readLine(in)
		switch {
		case tooLong:
			c.refuse(jsonrpc.ID{}, jsonrpc.CodeParseError, fmt.Sprintf("parse error: a message has at most %d bytes", MaxLine))
		case len(bytes.TrimSpace(line)) > 0:
			c.take(line)
		}
		if err != nil {
			c.end = err
			return
		}
	}
}

// readLine reads up to the next line break or the end. What is too long is read
// and forgotten.
func readLine(in *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > MaxLine; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// take passes on the messages of a line, and answers what is none.
func (c *lineConn) take(line []byte) {
	if !json.Valid(line) {
		c.refuse(jsonrpc.ID{}, jsonrpc.CodeParseError, "parse error: a line must be one JSON text")
		return
	}
	var batch []json.RawMessage
	if json.Unmarshal(line, &batch) != nil || batch == nil {
		batch = []json.RawMessage{line}
	}
	if len(batch) == 0 {
		c.refuse(jsonrpc.ID{}, jsonrpc.CodeInvalidRequest, "invalid request: the batch is empty")
	}
	for _, text := range batch {
		c.takeMessage(text)
	}
}

func (c *lineConn) takeMessage(text []byte) {
	message, err := jsonrpc.DecodeMessage(text)
	if answer, ok := message.(*jsonrpc.Response); err != nil || ok && answer.Result == nil && answer.Error == nil {
		c.refuse(idOf(text), jsonrpc.CodeInvalidRequest, "invalid request: a request, a notification or a response of JSON-RPC 2.0 is expected")
		return
	}
	if call, ok := message.(*jsonrpc.Request); ok && call.IsCall() && !c.begin(call.ID) {
		// The id's one answer is yet to come, so this one is to nobody.
		c.refuse(jsonrpc.ID{}, jsonrpc.CodeInvalidRequest, "invalid request: a call of this id is not answered yet")
		return
	}
	select {
	case c.messages <- message:
	case <-c.closed:
	}
}

// idOf gives the id of a call that is wrong otherwise.
func idOf(text []byte) jsonrpc.ID {
	var call struct {
		ID     any             `json:"id"`
		Method json.RawMessage `json:"method"`
	}
	if json.Unmarshal(text, &call) != nil || call.Method == nil {
		return jsonrpc.ID{}
	}
	id, err := jsonrpc.MakeID(call.ID)
	if err != nil {
		return jsonrpc.ID{}
	}
	return id
}

// begin notes a call; it is false if one of the same id waits for its answer.
func (c *lineConn) begin(id jsonrpc.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[id] {
		return false
	}
	c.open[id] = true
	return true
}

// refuse answers what is no message. An output that fails ends the session when
// it next writes.
func (c *lineConn) refuse(id jsonrpc.ID, code int64, message string) {
	_ = c.write(id, &jsonrpc.Response{ID: id, Error: &jsonrpc.Error{Code: code, Message: message}})
}

// Read gives the next message. At the end of the input it waits until what was
// asked is answered.
func (c *lineConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	select {
	case m := <-c.messages:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.closed:
		return nil, io.EOF
	case <-c.ended:
	}
	for c.waiting() {
		select {
		case <-c.answered:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.closed:
			return nil, io.EOF
		}
	}
	return nil, c.end
}

func (c *lineConn) waiting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open) > 0
}

// Write writes a message.
func (c *lineConn) Write(ctx context.Context, m jsonrpc.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	response, ok := m.(*jsonrpc.Response)
	if !ok {
		return c.write(jsonrpc.ID{}, m)
	}
	err := c.write(response.ID, m)
	c.mu.Lock()
	delete(c.open, response.ID)
	c.mu.Unlock()
	select {
	case c.answered <- struct{}{}:
	default:
	}
	return err
}

// write writes a line. An error without an id has the id null: the library
// leaves it out, which JSON-RPC does not allow.
func (c *lineConn) write(id jsonrpc.ID, m jsonrpc.Message) error {
	line, err := jsonrpc.EncodeMessage(m)
	if err != nil {
		return err
	}
	if _, ok := m.(*jsonrpc.Response); ok && !id.IsValid() {
		line = append([]byte(`{"id":null,`), line[1:]...)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.out.Write(append(line, '\n'))
	return err
}

// Close ends the session.
func (c *lineConn) Close() error {
	c.closeOnce.Do(func() { close(c.closed) })
	return nil
}

// SessionID is empty: there is one session.
func (c *lineConn) SessionID() string { return "" }
